// The inputs of a fault rule. Each changes one field of the rule; an empty one takes the field away.
import { CHANGEABLE, CONNECTIONS, HANDSHAKES, METHODS } from "../fields.js";
import { html } from "../html.js";
import { Check, Choice, Field, TextArea } from "../parts.js";

const number = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text));
const textOf = (value) => (value === undefined ? "" : String(value));
const listOf = (value) => (value === undefined ? "" : [value].flat().join(", "));
const EFFECTS = [["", "nothing but the delay"], ["status", "answers with a status"], ["rate_limited", "over the rate limit (429)"], ["token_expired", "the token has expired (401)"], ["connection", "breaks the connection"], ["handshake", "cuts the TLS handshake"]];
const OF_EFFECT = { status: { status: 503 }, rate_limited: { rate_limited: true }, token_expired: { token_expired: true }, connection: { connection: "close" }, handshake: { handshake: "in" } };
const DEPENDENT = ["status", "headers", "body", "rate_limited", "token_expired", "connection", "handshake", "drip_seconds", "after_change"];

/** Returns the rule with some fields replaced; undefined, the empty text, false and the empty list take one away. */
function withFields(rule, fields) {
  const all = Object.entries({ ...rule, ...fields });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && value !== "" && value !== false && !(Array.isArray(value) && !value.length)));
}

const effectOf = (rule) => Object.keys(OF_EFFECT).find((name) => rule[name] !== undefined) ?? "";

function withEffect(rule, effect) {
  const others = Object.fromEntries(Object.entries(rule).filter(([name]) => !DEPENDENT.includes(name)));
  return { ...others, ...OF_EFFECT[effect] };
}

/** A list, one number or text: as it was written, numbers as numbers. */
function several(text, read = (one) => one) {
  const parts = text.split(",").map((one) => one.trim()).filter(Boolean).map(read);
  return parts.length > 1 ? parts : (parts[0] ?? "");
}

function headersOf(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  return lines.length ? Object.fromEntries(lines.map((line) => [line.split(":")[0].trim(), line.split(":").slice(1).join(":").trim()])) : undefined;
}

const bodyOf = (body) => (body === undefined || typeof body === "string" ? textOf(body) : JSON.stringify(body));

function Input({ rule, set, name, label, read = number, show = textOf, ...rest }) {
  return html`<${Field} label=${label} value=${show(rule[name])} onValue=${(text) => set({ [name]: read(text) })} ...${rest} />`;
}

const asIs = (text) => text;

function Effect({ rule, set, replace }) {
  const effect = effectOf(rule);
  const canBeDone = effect === "status" || CHANGEABLE.includes(rule.connection);
  return html`<div class="form-grid">
      <${Choice} label="Effect" value=${effect} onValue=${(name) => replace(withEffect(rule, name))} choices=${EFFECTS} />
      ${effect === "status" && html`<${Input} rule=${rule} set=${set} name="status" label="Status" inputmode="numeric" />`}
      ${effect === "connection" && html`<${Choice} label="How" value=${rule.connection} onValue=${(connection) => replace(withFields(withEffect(rule, ""), { connection }))} choices=${CONNECTIONS} />`}
      ${effect === "handshake" && html`<${Choice} label="Where" value=${rule.handshake} onValue=${(handshake) => set({ handshake })} choices=${HANDSHAKES} />`}
      ${rule.connection === "drip" && html`<${Input} rule=${rule} set=${set} name="drip_seconds" label="Seconds between bytes" placeholder="1" inputmode="decimal" />`}
      <${Input} rule=${rule} set=${set} name="latency_seconds" label="Delay in seconds" read=${(text) => several(text, number)} show=${listOf}
        placeholder="none" hint="One number, or least and most: 0.1, 0.5" />
    </div>
    ${effect === "status" && html`<div class="form-grid">
      <${TextArea} label="Body" rows="2" value=${bodyOf(rule.body)} onValue=${(body) => set({ body })} placeholder="as the API answers this status" />
      <${TextArea} label="Headers" rows="2" value=${Object.entries(rule.headers ?? {}).map((pair) => pair.join(": ")).join("\n")} onValue=${(text) => set({ headers: headersOf(text) })} placeholder="Retry-After: 2" />
    </div>`}
    ${canBeDone && html`<${Check} label="Do the request first, then lose the response" checked=${rule.after_change ?? false} onChecked=${(on) => set({ after_change: on })} />`}
    ${rule.latency_seconds !== undefined && html`<${Check} label="Delay on the fake’s clock, without waiting" checked=${rule.clock ?? false} onChecked=${(on) => set({ clock: on })} />`}`;
}

function Which({ rule, set }) {
  return html`<div class="form-grid">
    <${Input} rule=${rule} set=${set} name="nth" label="Only match number" placeholder="every match" inputmode="numeric" />
    <${Input} rule=${rule} set=${set} name="every" label="Every so many matches" placeholder="1" inputmode="numeric" />
    <${Input} rule=${rule} set=${set} name="probability" label="Probability" placeholder="1" inputmode="decimal" hint="Above 0, up to 1" />
    <${Input} rule=${rule} set=${set} name="seed" label="Seed" placeholder="0" inputmode="numeric" hint="The same requests for the same seed" />
    <${Input} rule=${rule} set=${set} name="times" label="At most so many times" placeholder="no limit" inputmode="numeric" />
    <${Input} rule=${rule} set=${set} name="client_id" label="Client id" read=${asIs} placeholder="any" />
    <${Input} rule=${rule} set=${set} name="company_id" label="Company id" placeholder="any" inputmode="numeric" />
    <${Input} rule=${rule} set=${set} name="since" label="From" placeholder="now" hint="Seconds from now, or a moment with an offset" />
    <${Input} rule=${rule} set=${set} name="until" label="Until" placeholder="the end" hint="Seconds from now, or a moment with an offset" />
  </div>`;
}

const isNarrowed = (rule) => ["nth", "every", "probability", "times", "client_id", "company_id", "since", "until"].some((name) => rule[name] !== undefined);

/** `onRule` gets the changed rule. */
export function FaultForm({ rule, onRule }) {
  const set = (fields) => onRule(withFields(rule, fields));
  return html`<div class="stack">
    <div class="form-grid">
      <${Input} rule=${rule} set=${set} name="method" label="Method" read=${(text) => several(text.toUpperCase())} show=${listOf} placeholder="any"
        hint="Such as ${METHODS.slice(0, 3).join(", ")}; several with commas" />
      <${Input} rule=${rule} set=${set} name="path" label="Path" read=${asIs} placeholder="any, or /customers/*" />
    </div>
    <${Effect} rule=${rule} set=${set} replace=${onRule} />
    <details open=${isNarrowed(rule)}>
      <summary>Only some of the matches</summary>
      <${Which} rule=${rule} set=${set} />
    </details>
    <${Check} label="Disabled: it stays in the list and matches nothing" checked=${rule.disabled ?? false} onChecked=${(on) => set({ disabled: on })} />
  </div>`;
}
