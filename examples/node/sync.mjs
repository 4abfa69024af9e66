// A loyalty sync with fetch: look up, create, change, page through all, and receive a signed webhook.
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

const API = "https://api.kounta.com/v1/companies/me";
const env = { KOUNTA_CLIENT_ID: "fake-client-id", KOUNTA_CLIENT_SECRET: "fake-client-secret", ...process.env };
const signatureToken = env.KOUNTA_SIGNATURE_TOKEN ?? "fake-signature-token";
const credentials = Buffer.from(`${env.KOUNTA_CLIENT_ID}:${env.KOUNTA_CLIENT_SECRET}`).toString("base64");

async function kounta(url, method = "GET", body = undefined) {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Basic ${credentials}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!response.ok && response.status !== 404) throw new Error(`${response.status} ${await response.text()}`);
  return response;
}

function isSigned(body, signature = "") {
  const expected = createHmac("sha256", signatureToken).update(body).digest("hex");
  return signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

async function* allCustomers() {
  for (let url = `${API}/customers.json`; url; ) {
    const page = await kounta(url);
    yield* await page.json();
    url = page.headers.get("X-Next-Page");
  }
}

const receiver = createServer(async (request, response) => {
  const body = await buffer(request);
  const signed = isSigned(body, request.headers["x-kounta-signature"]);
  response.writeHead(signed ? 204 : 403).end();
  if (signed) receiver.emit("webhook", JSON.parse(body));
}).listen(0, "127.0.0.1");
await once(receiver, "listening");
const webhook = once(receiver, "webhook", { signal: AbortSignal.timeout(60_000) });
const address = `http://127.0.0.1:${receiver.address().port}/`;
await kounta(`${API}/webhooks.json`, "POST", { topic: "customers/created", address, format: "json" });

let found = await kounta(`${API}/customers.json?${new URLSearchParams({ email: "ada@example.com" })}`);
if (found.status === 404) {
  console.log("found: nobody");
  const created = await kounta(`${API}/customers.json`, "POST", { first_name: "Ada", email: "ada@example.com" });
  found = await kounta(created.headers.get("Location"));
}
const changed = await kounta(`${API}/customers/${(await found.json()).id}.json`, "PUT", { tags: ["Gold"] });
console.log("tags:", ...(await changed.json()).tags);
let count = 0;
for await (const _ of allCustomers()) count += 1;
console.log("customers:", count);
const [customer] = await webhook;
console.log("signed webhook:", customer.first_name);
receiver.close();
