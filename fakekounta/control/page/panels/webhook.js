// The form for a webhook: add, change, delete.
import { call } from "../api.js";
import { ATTRIBUTES, FORMATS, PERHAPS, TOPICS } from "../fields.js";
import { html, useState } from "../html.js";
import { Choice, Confirmed, Dialog, Field, Problem, say, TextArea } from "../parts.js";

const HIDDEN = "***";
const CHOICES = [...TOPICS, ...PERHAPS.map((topic) => [topic, `${topic} (with D73=exist)`])];
const NEW = { topic: TOPICS[0], address: "", format: "json", filter: {}, headers: {} };

const linesOf = (headers) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");

/** What the fields of the form show of a webhook. */
function fieldsOf({ topic, address, format, filter, headers }) {
  const [attributes, sites] = [filter.attributes, filter.site_ids].map((values) => (values ?? []).join(", "));
  return { topic, address, format, attributes, sites, headers: linesOf(headers) };
}

function headersOf(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  const pairs = lines.map((line) => {
    const [name, ...rest] = line.split(":");
    const value = rest.join(":").trim();
    if (!rest.length) throw new Error(`headers: write a line as "Name: value", not ${line}`);
    if (value === HIDDEN) throw new Error(`headers: the value of ${name} is hidden; type it again, all headers are replaced`);
    return [name.trim(), value];
  });
  return Object.fromEntries(pairs);
}

const partsOf = (text) => text.split(",").map((one) => one.trim()).filter(Boolean);

function filterOf({ attributes, sites }, before) {
  const { attributes: _, site_ids: __, ...others } = before;
  const given = { attributes: partsOf(attributes), site_ids: partsOf(sites).map((one) => (Number.isNaN(Number(one)) ? one : Number(one))) };
  return { ...others, ...Object.fromEntries(Object.entries(given).filter(([, values]) => values.length)) };
}

/** The body of the call: the attributes in which the form differs from `webhook`. Throws an Error for people. */
function changes(webhook, before, after) {
  const sent = {};
  for (const name of ["topic", "address", "format"]) if (after[name] !== before[name]) sent[name] = after[name];
  if (after.attributes !== before.attributes || after.sites !== before.sites) sent.filter = filterOf(after, webhook.filter);
  if (after.headers !== before.headers) sent.headers = headersOf(after.headers);
  return sent;
}

function Inputs({ fields, set }) {
  return html`<div class="form-grid">
      <${Choice} label="Topic" value=${fields.topic} onValue=${set("topic")} choices=${CHOICES} />
      <${Choice} label="Format" value=${fields.format} onValue=${set("format")} choices=${FORMATS} />
    </div>
    <${Field} label="Address" value=${fields.address} onValue=${set("address")} placeholder="http://127.0.0.1:5000/webhooks"
      hint="Where your receiver listens. The fake delivers to this machine only, unless a host is allowed." />
    <${Field} label="Only if one of these attributes changed" value=${fields.attributes} onValue=${set("attributes")}
      placeholder="any" hint="For customers/updated, with commas: ${ATTRIBUTES.join(", ")}" />
    <${Field} label="Only orders of these sites" value=${fields.sites} onValue=${set("sites")}
      placeholder="any" inputmode="numeric" hint="For topics of orders: ids of sites, with commas" />
    <${TextArea} label="Headers" rows="3" value=${fields.headers} onValue=${set("headers")} placeholder="X-Api-Key: secret"
      hint="One on a line, sent with each delivery. Values are hidden once they are saved." />`;
}

/** `webhook` is the one to change, undefined for a new one. */
export function WebhookDialog({ webhook, onClose, onChanged }) {
  const before = fieldsOf(webhook ?? NEW);
  const [fields, setFields] = useState(before);
  const [error, setError] = useState(null);
  const set = (name) => (value) => setFields((now) => ({ ...now, [name]: value }));
  const query = webhook ? { company_id: webhook.company_id } : {};
  const run = async (method, path, bodyOf, done) => {
    try {
      await call(method, path, { query, body: bodyOf() });
    } catch (refused) {
      return setError(refused);
    }
    say(done);
    onChanged();
    return onClose();
  };
  const save = (event) => {
    event.preventDefault();
    return webhook
      ? run("PUT", `webhooks/${webhook.id}`, () => changes(webhook, before, fields), "Webhook saved")
      : run("POST", "webhooks", () => ({ ...changes(NEW, { headers: "", attributes: "", sites: "" }, fields) }), "Subscribed");
  };
  const remove = () => run("DELETE", `webhooks/${webhook.id}`, () => ({}), "Webhook deleted");
  return html`<${Dialog} title=${webhook ? `Webhook ${webhook.id}` : "New webhook"} onClose=${onClose}>
    <form onSubmit=${save}>
      <${Problem} error=${error} />
      ${webhook && html`<p class="hint spaced">Of ${webhook.client_id}, company ${webhook.company_id}</p>`}
      <div class="stack"><${Inputs} fields=${fields} set=${set} /></div>
      <div class="dialog-foot">
        <span class="stretch"></span>
        ${webhook && html`<${Confirmed} label="Delete" question="Really delete?" onConfirm=${remove} />`}
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="primary">${webhook ? "Save" : "Subscribe"}</button>
      </div>
    </form>
  </${Dialog}>`;
}
