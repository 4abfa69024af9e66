<?php
// A loyalty sync with PHP's streams: look up, create, change, page through all, and receive a signed webhook.
declare(strict_types=1);

const API = 'https://api.kounta.com/v1/companies/me';

/** The headers in lower case, with the last of each name. */
function named(array $lines): array
{
    preg_match_all('~^([^:\s]+): (.*)$~m', implode("\n", $lines), $found);
    return array_combine(array_map('strtolower', $found[1]), array_map('trim', $found[2]));
}

/** The headers and the JSON of a response, after redirects; null for a 404. */
function kounta(string $url, string $method = 'GET', ?array $body = null): ?array
{
    $user = (getenv('KOUNTA_CLIENT_ID') ?: 'fake-client-id') . ':' . (getenv('KOUNTA_CLIENT_SECRET') ?: 'fake-client-secret');
    $response = file_get_contents($url, false, stream_context_create(['http' => [
        'method' => $method,
        'header' => ['Authorization: Basic ' . base64_encode($user), 'Content-Type: application/json'],
        'content' => $body === null ? '' : json_encode($body),
        'ignore_errors' => true,
        'timeout' => 30,
    ]]));
    if ($response === false) {
        throw new RuntimeException("$method $url failed");
    }
    $status = (int) explode(' ', current(preg_grep('~^HTTP/~', array_reverse($http_response_header))))[1];
    if ($status >= 400 && $status !== 404) {
        throw new RuntimeException("$status $response");
    }
    return $status === 404 ? null : [named($http_response_header), json_decode($response ?: 'null', true)];
}

function allCustomers(): Generator
{
    for ($url = API . '/customers.json'; $url !== null; $url = $headers['x-next-page'] ?? null) {
        [$headers, $page] = kounta($url);
        yield from $page;
    }
}

/** The customer of the next webhook. */
function receive($receiver): array
{
    $client = stream_socket_accept($receiver, 60) ?: throw new RuntimeException('no webhook came');
    $headers = named(explode("\n", stream_get_line($client, 65536, "\r\n\r\n")));
    $body = stream_get_contents($client, (int) $headers['content-length']);
    $token = getenv('KOUNTA_SIGNATURE_TOKEN') ?: 'fake-signature-token';
    $signed = hash_equals(hash_hmac('sha256', $body, $token), $headers['x-kounta-signature'] ?? '');
    fwrite($client, 'HTTP/1.1 ' . ($signed ? '204 No Content' : '403 Forbidden') . "\r\nConnection: close\r\n\r\n");
    fclose($client);
    return $signed ? json_decode($body, true) : throw new RuntimeException('the signature is wrong');
}

$receiver = stream_socket_server('tcp://127.0.0.1:0');
$address = 'http://' . stream_socket_get_name($receiver, false) . '/';
kounta(API . '/webhooks.json', 'POST', ['topic' => 'customers/created', 'address' => $address, 'format' => 'json']);

$found = kounta(API . '/customers.json?' . http_build_query(['email' => 'ada@example.com']));
if ($found === null) {
    echo "found: nobody\n";
    [$headers] = kounta(API . '/customers.json', 'POST', ['first_name' => 'Ada', 'email' => 'ada@example.com']);
    $found = kounta($headers['location']);
}
[, $changed] = kounta(API . "/customers/{$found[1]['id']}.json", 'PUT', ['tags' => ['Gold']]);
echo 'tags: ', implode(' ', $changed['tags']), "\n";
echo 'customers: ', iterator_count(allCustomers()), "\n";
echo 'signed webhook: ', receive($receiver)['first_name'], "\n";
