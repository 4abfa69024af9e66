// An exchange as a curl command that can be pasted into a shell.
const LEFT_OUT = new Set(["host", "content-length", "connection", "accept-encoding", "authorization", "user-agent", "transfer-encoding"]);
const HIDDEN = "***";

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function credentials(authorization, application) {
  if (!authorization || !application) return [];
  return /^basic /i.test(authorization)
    ? ["-u", quoted(`${application.client_id}:${application.client_secret}`)]
    : ["-H", quoted(`Authorization: Bearer ${application.access_token}`)];
}

/** Returns the body or query with known secrets in the place of hidden ones. */
function withSecrets(text, application) {
  if (!application || !text.includes(HIDDEN)) return text;
  return text
    .replaceAll(/\b(client_secret|access_token|refresh_token)=\*\*\*/g, (_, name) => `${name}=${application[name]}`)
    .replaceAll(/("(client_secret|access_token|refresh_token)":\s*)"\*\*\*"/g, (_, key, name) => `${key}"${application[name]}"`);
}

function applicationOf(exchange, applications) {
  return applications.find((one) => one.client_id === exchange.client_id) ?? applications[0];
}

/**
 * Returns the command. Secrets are those of the request's application, or of the default one; `applications` are those of
 * the settings, `namespace` the one that the exchange belongs to.
 */
export function curlOf(exchange, applications, origin, namespace) {
  const application = applicationOf(exchange, applications);
  const { headers, body } = exchange.request;
  const names = Object.keys(headers);
  const valueOf = (wanted) => headers[names.find((name) => name.toLowerCase() === wanted)];
  const parts = ["curl", "-sS", "-i", "--globoff"];
  if (exchange.method === "HEAD") parts.push("--head");
  else if (exchange.method !== (body ? "POST" : "GET")) parts.push("-X", quoted(exchange.method));
  parts.push(quoted(origin + withSecrets(exchange.target, application)));
  parts.push(...credentials(valueOf("authorization"), application));
  for (const name of names.filter((one) => !LEFT_OUT.has(one.toLowerCase()))) {
    parts.push("-H", quoted(headers[name] ? `${name}: ${headers[name]}` : `${name};`));
  }
  if (body && !valueOf("content-type")) parts.push("-H", quoted("Content-Type:"));
  if (namespace && !valueOf("x-fakekounta-namespace")) parts.push("-H", quoted(`X-Fakekounta-Namespace: ${namespace}`));
  if (body) parts.push("--data-raw", quoted(withSecrets(body, application)));
  return parts.join(" ");
}

/**
 * Returns a sample command over several lines, none cut in the middle of a word. `application` is one of the settings,
 * whose documented credentials are shown; `more` are further parts.
 */
export function sample(address, application, ...more) {
  const { client_id: id, client_secret: secret } = application ?? { client_id: "fake-client-id", client_secret: "fake-client-secret" };
  return [`curl -s ${quoted(address)}`, `-u ${quoted(`${id}:${secret}`)}`, ...more].join(" \\\n  ");
}
