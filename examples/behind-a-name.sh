#!/usr/bin/env bash
# Runs a command that finds the fake at https://api.kounta.com and https://my.kounta.com: behind-a-name.sh COMMAND...
# On Linux, in a network and with an /etc/hosts that only the command sees; nothing else of the machine changes.
# CA_FILE names the certificate to trust. What fakekounta shall be started with stands in FAKEKOUNTA_* variables.
set -euo pipefail

if test "${1:-}" != --inside; then
    own=(--mount --net)
    if test "$(id -u)" -ne 0; then own+=(--user --map-root-user); fi
    exec unshare "${own[@]}" bash "${BASH_SOURCE[0]}" --inside "$@"
fi
shift

work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
ip link set lo up
echo '127.0.0.1 localhost api.kounta.com my.kounta.com' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts

export CA_FILE=$work/ca.pem
fakekounta serve --tls --port 443 --ca-file "$CA_FILE" --port-file "$work/port" >"$work/log" 2>&1 &
server=$!
until test -s "$work/port"; do # it is there once the server answers
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
done
# What programs call the file that names the certificates to trust
env SSL_CERT_FILE="$CA_FILE" REQUESTS_CA_BUNDLE="$CA_FILE" CURL_CA_BUNDLE="$CA_FILE" \
    NODE_EXTRA_CA_CERTS="$CA_FILE" HTTPLIB2_CA_CERTS="$CA_FILE" "$@"
