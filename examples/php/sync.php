<?php
// A loyalty sync with PHP's streams: look up, create, change, page through all, and receive a signed webhook.
declare(strict_types=1);

const API = 'https://api.kounta.com/v1/companies/me';

/** The status, the headers in lower case, and the JSON of a response; redirects are followed. */
function kounta(string $url, string $method = 'GET', ?array $body = null): array
{
    $id = getenv('KOUNTA_CLIENT_ID') ?: 'fake-client-id';
    $secret = getenv('KOUNTA_CLIENT_SECRET') ?: 'fake-client-secret';
    $response = file_get_contents($url, false, stream_context_create(['http' => [
        'method' => $method,
        'header' => ['Authorization: Basic ' . base64_encode("$id:$secret"), 'Content-Type: application/json'],
        'content' => $body === null ? '' : json_encode($body),
        'ignore_errors' => true,
        'timeout' => 30,
    ]]));
    if ($response === false) {
        throw new RuntimeException("$method $url failed");
    }
    $status = 0;
    $headers = [];
    foreach ($http_response_header as $line) {
        if (preg_match('~^HTTP/\S+ (\d+)~', $line, $found)) {
            [$status, $headers] = [(int) $found[1], []];  // of the last response, after redirects
        } else {
            [$name, $value] = explode(': ', $line, 2);
            $headers[strtolower($name)] = $value;
        }
    }
    if ($status >= 400 && $status !== 404) {
        throw new RuntimeException("$status $response");
    }
    return [$status, $headers, json_decode($response ?: 'null', true)];
}

function allCustomers(): Generator
{
    for ($url = API . '/customers.json'; $url !== null; $url = $headers['x-next-page'] ?? null) {
        [, $headers, $page] = kounta($url);
        yield from $page;
    }
}

/** The body of the next webhook, or null if its signature is wrong. */
function receive($receiver): ?string
{
    $client = stream_socket_accept($receiver, 60) ?: throw new RuntimeException('no webhook came');
    $headers = [];
    while (($line = rtrim(fgets($client))) !== '') {
        [$name, $value] = explode(': ', $line, 2) + [1 => ''];
        $headers[strtolower($name)] = $value;
    }
    $body = stream_get_contents($client, (int) $headers['content-length']);
    $token = getenv('KOUNTA_SIGNATURE_TOKEN') ?: 'fake-signature-token';
    $signed = hash_equals(hash_hmac('sha256', $body, $token), $headers['x-kounta-signature'] ?? '');
    fwrite($client, 'HTTP/1.1 ' . ($signed ? '204 No Content' : '403 Forbidden') . "\r\nConnection: close\r\n\r\n");
    fclose($client);
    return $signed ? $body : null;
}

$receiver = stream_socket_server('tcp://127.0.0.1:0');
$hook = ['topic' => 'customers/created', 'address' => 'http://' . stream_socket_get_name($receiver, false) . '/'];
kounta(API . '/webhooks.json', 'POST', $hook + ['format' => 'json']);

[$status, , $ada] = kounta(API . '/customers.json?' . http_build_query(['email' => 'ada@example.com']));
echo 'found: ', $status === 404 ? 'nobody' : $ada['id'], "\n";
if ($status === 404) {
    [, $headers] = kounta(API . '/customers.json', 'POST', ['first_name' => 'Ada', 'email' => 'ada@example.com']);
    [, , $ada] = kounta($headers['location']);
}
[, , $ada] = kounta(API . "/customers/{$ada['id']}.json", 'PUT', ['tags' => ['Gold']]);
echo 'tags: ', implode(' ', $ada['tags']), "\n";
echo 'customers: ', iterator_count(allCustomers()), "\n";
echo 'webhook: ', str_contains(receive($receiver) ?? '', '"Ada"') ? 'signed' : 'of somebody else', "\n";
