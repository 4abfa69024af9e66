// Fault rules in words, and the ready-made ones.
import { counted, ordinal } from "../text.js";

/** Name, what it means, the rule. */
export const PRESETS = [
  ["rate limited", "429 with the end of the minute in X-Ratelimit-Reset", { rate_limited: true, times: 1 }],
  ["expired token", "The access token of the next request has expired", { token_expired: true, times: 1 }],
  ["lost answer", "The request is done, and the response is lost", { connection: "close", after_change: true, times: 1 }],
  ["flaky", "Some requests are answered 503, always the same for a seed", { probability: 0.1, seed: 7, status: 503 }],
  ["down", "Out of service: 503 for a minute of the fake’s clock", { status: 503, until: 60 }],
  ["every third", "Every third request is answered 502", { status: 502, every: 3 }],
  ["done, but 500", "The request is done, and answered 500 all the same", { status: 500, after_change: true, times: 1 }],
  ["page of a proxy", "502 with HTML instead of JSON", { status: 502, headers: { "Content-Type": "text/html" }, body: "<h1>Bad Gateway</h1>", times: 1 }],
  ["slow", "Responses are delayed by 2 seconds", { latency_seconds: 2 }],
  ["jitter", "Responses are delayed by 0.1 to 0.5 seconds", { latency_seconds: [0.1, 0.5] }],
  ["slow on the clock", "30 seconds pass on the fake’s clock, without a real wait", { latency_seconds: 30, clock: true }],
  ["connection closed", "The connection is closed before a response", { connection: "close", times: 1 }],
  ["connection reset", "The connection is reset before a response", { connection: "reset", times: 1 }],
  ["truncated body", "The response ends in the middle", { connection: "truncate", times: 1 }],
  ["TLS handshake cut", "The connection is closed in the middle of the TLS handshake", { handshake: "in", times: 1 }],
  ["garbage", "The response is not HTTP", { connection: "garbage", times: 1 }],
  ["dripping", "The response arrives slower than the client’s timeout", { connection: "drip", times: 1 }],
];

const delayOf = ({ latency_seconds: late, clock }) => (late === undefined ? "" : `${[late].flat().join(" to ")} s late${clock ? " on the clock" : ""}`);

function failureOf({ status, rate_limited: limited, token_expired: expired, connection, handshake, after_change: after }) {
  const what = status ? `status ${status}` : limited ? "rate limited" : expired ? "token expired" : connection ? `connection: ${connection}` : handshake ? `cut ${handshake} the TLS handshake` : "";
  return what && after ? `${what}, after the change` : what;
}

/** What a rule does, as [text, tone] for each effect: a failure and a delay do not look alike. */
export const effectsOf = (rule) => [[failureOf(rule), "bad"], [delayOf(rule), "late"]].filter(([text]) => text);

export const whereOf = ({ method, path }) => [[method ?? []].flat().join(", "), path ?? "any path"].filter(Boolean).join(" ");

export function whenOf({ nth, every, probability, times, since, until, client_id: client, company_id: company }) {
  const parts = [
    nth !== undefined && `the ${ordinal(nth)} match`, every !== undefined && (every === 1 ? "every match" : `every ${ordinal(every)} match`),
    probability !== undefined && `${Number((probability * 100).toPrecision(6))} % of the matches`,
    times !== undefined && `at most ${counted(times, "time")}`, client && `by ${client}`, company && `company ${company}`,
    since !== undefined && `from ${since}`, until !== undefined && `until ${until}`,
  ];
  return parts.filter(Boolean).join(", ") || "always";
}
