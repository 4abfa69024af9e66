#!/usr/bin/env bash
# A loyalty sync with curl: look up, create, change, page through all, and receive a signed webhook.
# It also needs jq for JSON, openssl for the signature, and nc (netcat-openbsd) to receive.
set -euo pipefail

api=https://api.kounta.com/v1/companies/me
user=${KOUNTA_CLIENT_ID:-fake-client-id}:${KOUNTA_CLIENT_SECRET:-fake-client-secret}
token=${KOUNTA_SIGNATURE_TOKEN:-fake-signature-token}
port=${RECEIVER_PORT:-5000}
work=$(mktemp -d)
trap 'kill "${receiver:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

kounta() { # kounta CURL-ARGUMENTS...: prints the body, follows redirects, and keeps the last headers
    curl --silent --show-error --location --max-time 30 --user "$user" --header 'Content-Type: application/json' \
        --dump-header "$work/headers" "$@"
}

header() { # header NAME: its value in the last response
    tr -d '\r' <"$work/headers" | sed -n "s/^$1: //ip" | tail -n 1
}

# A receiver for one webhook: it answers at once, and keeps what it gets.
printf 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n' | timeout 60 nc -l 127.0.0.1 "$port" >"$work/webhook" &
receiver=$!
kounta --data '{"topic": "customers/created", "address": "http://127.0.0.1:'"$port"'/", "format": "json"}' \
    "$api/webhooks.json" >"$work/body"

ada=$(kounta --get --data-urlencode email=ada@example.com "$api/customers.json" | jq -r '.id // "nobody"')
if test "$ada" = nobody; then
    echo 'found: nobody'
    kounta --fail --data '{"first_name": "Ada", "email": "ada@example.com"}' "$api/customers.json" >"$work/body"
    ada=$(kounta --fail "$(header Location)" | jq .id)
fi
echo "tags: $(kounta --fail --request PUT --data '{"tags": ["Gold"]}' "$api/customers/$ada.json" | jq -r '.tags | join(" ")')"

count=0
next=$api/customers.json
while test -n "$next"; do
    kounta --fail "$next" >"$work/page"
    count=$((count + $(jq length "$work/page")))
    next=$(header X-Next-Page)
done
echo "customers: $count"

wait "$receiver"
sent=$(tr -d '\r' <"$work/webhook" | sed -n 's/^X-Kounta-Signature: //ip')
sed '1,/^\r$/d' "$work/webhook" >"$work/body" # the body, byte by byte
expected=$(openssl dgst -sha256 -hmac "$token" -r "$work/body" | cut -d ' ' -f 1)
test "$sent" = "$expected" || { echo "the signature is wrong" >&2; exit 1; }
echo "signed webhook: $(jq -r .first_name "$work/body")"
