// What is known of the past of an order: its own times, the requests about it, and what was posted of it.
import { get } from "../api.js";
import { html } from "../html.js";
import { useLive } from "../live.js";
import { Pill, toneOfStatus } from "../parts.js";
import { addressOf } from "../route.js";
import { moment } from "../text.js";
import { TONES } from "./outcomes.js";

const MOST = 100;

async function load(id, signal) {
  const ask = (path, query) => get(path, query, { signal });
  const [{ requests }, deliveries] = await Promise.all([
    ask("requests", { record_id: id, summary: true, limit: MOST }),
    ask("deliveries", { record_id: id, limit: MOST }),
  ]);
  return { requests, deliveries };
}

/** An order has whole seconds, the rest fractions: it began before all of its first second, and changed after its last one. */
const timeOf = ({ at, key }) => new Date(at).getTime() + (key === "updated" ? 999 : 0);

function eventsOf(order, { requests, deliveries }) {
  const requested = requests.filter(({ method }) => method !== "GET" && method !== "HEAD").map(({ number, at, method, target, status }) => ({
    at,
    key: `request ${number}`,
    text: html`<a href=${addressOf("exchanges", number)}>${method} …${target.slice(target.lastIndexOf("/orders"))}</a> <${Pill} tone=${toneOfStatus(status)}>${status || "cut"}</${Pill}>`,
  }));
  const posted = deliveries.map(({ id, occurred_at: at, topic, outcome }) => ({
    at,
    key: `delivery ${id}`,
    text: html`<a href=${addressOf("webhooks", id)}>${topic} posted</a> <${Pill} tone=${TONES[outcome]}>${outcome}</${Pill}>`,
  }));
  const DID = { ring_up: "rung up", accept: "accepted", reject: "rejected", pay: "paid", complete: "completed", delete: "deleted" };
  const acts = order.acts.map(({ name, at }, index) => ({ at, key: `act ${index}`, text: `${DID[name]} at the POS` }));
  const own = [
    { at: order.created_at, key: "created", text: order.client_id ? `created by ${order.client_id}` : "created" },
    ...(order.updated_at === order.created_at ? [] : [{ at: order.updated_at, key: "updated", text: "changed for the last time" }]),
    ...(order.fulfil_at ? [{ at: order.fulfil_at, key: "fulfil", text: "to be fulfilled" }] : []),
  ];
  return [...own, ...requested, ...acts, ...posted].toSorted((one, other) => timeOf(one) - timeOf(other));
}

export function History({ order }) {
  const { value = { requests: [], deliveries: [] } } = useLive((signal) => load(order.id, signal), 3, [order.id]);
  return html`<section class="part"><h3>History, UTC</h3>
    <ol class="history" aria-label="History">
      ${eventsOf(order, value).map(({ at, key, text }) => html`<li key=${key}><time datetime=${at}>${moment(at)}</time> <span>${text}</span></li>`)}
    </ol>
  </section>`;
}
