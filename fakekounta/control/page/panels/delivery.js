// One delivery: each attempt, what it sent, and whether its signature is right.
import { call, get } from "../api.js";
import { html, useState } from "../html.js";
import { attempt, Body, Headers, Pill, say } from "../parts.js";
import { addressOf, go } from "../route.js";
import { milliseconds, moment } from "../text.js";
import { TONES } from "./outcomes.js";

function Signature({ checked }) {
  if (!checked) return null;
  return html`<dl class="signature">
    <div>
      <dt>Signature</dt>
      <dd><${Pill} tone=${checked.is_right ? "good" : "bad"}>${checked.is_right ? "right" : "wrong"}</${Pill}></dd>
    </div>
    <div><dt>Sent</dt><dd class="mono">${checked.sent ?? "no header"}</dd></div>
    <div><dt>Computed</dt><dd class="mono">${checked.right}</dd></div>
  </dl>`;
}

function Attempt({ one, checked }) {
  const label = `Attempt ${one.number}`;
  return html`<section class="part attempt">
    <h3>${label}</h3>
    <p class="facts">
      <${Pill} tone=${one.error ? "bad" : "good"}>${one.status ?? "no answer"}</${Pill}>
      <span>${milliseconds(one.duration_seconds * 1_000)}</span>
      <span>${moment(one.at)} UTC</span>
    </p>
    ${one.error && html`<p class="problem">${one.error}</p>`}
    <${Signature} checked=${checked} />
    <${Body} text=${one.body} label="${label} body" />
    <details>
      <summary>${Object.keys(one.headers).length} headers</summary>
      <${Headers} headers=${one.headers} label="${label} headers" />
    </details>
  </section>`;
}

/** What the delivery tells of: a link to the customer or the order. */
function About({ topic, customer, record }) {
  if (customer !== null) return html`<a href=${addressOf("customers", customer)}>customer ${customer}</a>`;
  if (topic === "callback" || topic.startsWith("orders/")) return html`<a href=${addressOf("orders", record)}>order ${record}</a>`;
  return html`<a href=${addressOf("menu", `${topic.split("/")[0]}/${record}`)}>id ${record}</a>`;
}

function Facts({ delivery }) {
  const { topic, customer_id: customer, record_id: record, outcome, address, occurred_at: at, due_at: due } = delivery;
  return html`<div>
    <p class="request-line"><span class="method">POST</span> ${address}</p>
    <p class="facts">
      <${Pill} tone=${TONES[outcome]}>${outcome}</${Pill}>
      <span>${topic}</span>
      <${About} topic=${topic} customer=${customer} record=${record} />
      <span>${moment(at)} UTC</span>
      ${outcome === "pending" && html`<span>due ${moment(due)} UTC</span>`}
    </p>
  </div>`;
}

export function Delivery({ delivery, onChanged }) {
  const [checked, setChecked] = useState([]);
  const verify = () => attempt(async () => setChecked(await get(`deliveries/${delivery.id}/signatures`)));
  const redeliver = () =>
    attempt(async () => {
      const again = await call("POST", `deliveries/${delivery.id}/redeliver`);
      say(`Sent once more, as delivery ${again.id}`);
      onChanged();
      go(addressOf("webhooks", again.id));
    });
  const { attempts } = delivery;
  return html`<article class="detail" aria-labelledby="delivery-title">
    <div class="detail-head">
      <h2 id="delivery-title">Delivery ${delivery.id}</h2>
      <a class="button quiet icon" href="#/webhooks" data-close aria-label="Close" title="Close (Esc)">✕</a>
    </div>
    <${Facts} delivery=${delivery} />
    <div class="actions start">
      <button type="button" class="small" disabled=${delivery.outcome === "pending"} onClick=${redeliver}>Redeliver</button>
      <button type="button" class="small" disabled=${!attempts.length} onClick=${verify}>Verify signature</button>
    </div>
    ${!attempts.length && html`<p class="nothing">There was no attempt yet.</p>`}
    ${attempts.toReversed().map(
      (one) => html`<${Attempt} key=${one.number} one=${one} checked=${checked.find((check) => check.attempt === one.number)} />`,
    )}
  </article>`;
}
