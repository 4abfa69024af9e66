// The panel of webhooks: the subscriptions, and the outcome of each delivery.
import { call, get } from "../api.js";
import { html, useState } from "../html.js";
import { useLive } from "../live.js";
import { attempt, Choice, Empty, Panel, Pill, Press, Problem, say } from "../parts.js";
import { addressOf, go } from "../route.js";
import { count, counted, timeOfDay } from "../text.js";
import { Delivery } from "./delivery.js";
import { OUTCOMES, TONES } from "./outcomes.js";
import { WebhookDialog } from "./webhook.js";

const SHOWN = 200;

async function load(outcome, signal) {
  const [webhooks, deliveries] = await Promise.all([
    get("webhooks", {}, { signal }),
    get("deliveries", { outcome, limit: SHOWN }, { signal }),
  ]);
  return { webhooks, deliveries };
}

const keyOf = ({ company_id: company, id }) => `of-${company}-${id}`;
const namesOf = (headers) => Object.keys(headers).join(", ");
const filterOf = ({ attributes, ...others }) => [
  ...(attributes?.length ? [`if ${attributes.join(" or ")} changed`] : []), ...Object.entries(others).map(([name, value]) => `${name} ${[value].flat().join(", ")}`),
].join("; ");

function Subscription({ webhook }) {
  const { id, topic, address, filter, headers, format, client_id: client } = webhook;
  const [only, own] = [filterOf(filter), namesOf(headers)];
  return html`<tr>
    <td class="number">${id}</td>
    <td class="name">
      <a href=${addressOf("webhooks", keyOf(webhook))} data-row aria-label="Webhook ${id}: ${topic} to ${address}">${topic}</a>
      <small class="under">${address}</small>
      <small class="under">${[only, own && `with ${own}`, format, client].filter(Boolean).join(" · ")}</small>
    </td>
    <td class="address wide-only" title=${address}>${address}</td>
    <td class="wide-only" title=${only}>${only || html`<span class="nothing">all</span>`}</td>
    <td class="wide-only" title=${own}>${own || html`<span class="nothing">none</span>`}</td>
    <td class="wide-only">${format}</td><td class="wide-only" title=${client}>${client}</td>
  </tr>`;
}

function Subscriptions({ webhooks }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of subscriptions">
    <table class="rows subscriptions">
      <thead>
        <tr>
          <th scope="col" class="number">Id</th><th scope="col" class="topic">Topic</th><th scope="col" class="wide-only">Address</th>
          <th scope="col" class="wide-only filter">Filter</th><th scope="col" class="wide-only own">Headers</th>
          <th scope="col" class="wide-only format">Format</th><th scope="col" class="wide-only application">Application</th>
        </tr>
      </thead>
      <tbody>
        ${webhooks.map((one) => html`<${Subscription} key=${keyOf(one)} webhook=${one} />`)}
      </tbody>
    </table>
  </div>`;
}

const lastOf = ({ attempts }) => attempts.at(-1);
const endOf = (delivery) => (lastOf(delivery) ? (lastOf(delivery).error ?? `answered ${lastOf(delivery).status}`) : "not tried yet");

function Row({ delivery, isOpen }) {
  const { id, topic, record_id: record, occurred_at: at, outcome, attempts, earlier_attempts: earlier } = delivery;
  return html`<tr class=${isOpen ? "open" : ""}>
    <td class="number">${id}</td>
    <td class="time wide-only">${timeOfDay(at)}</td>
    <td class="name">
      <a class="event" href=${addressOf("webhooks", id)} data-row aria-current=${isOpen ? "true" : undefined}><span>${topic}</span> <span class="who">${record}</span></a>
      <small class="under">${timeOfDay(at)} UTC · ${endOf(delivery)}</small>
    </td>
    <td><${Pill} tone=${TONES[outcome]}>${outcome}</${Pill}></td>
    <td class="number tries">${count(attempts.length + earlier)}</td>
    <td class="wide-only" title=${endOf(delivery)}>${endOf(delivery)}</td>
  </tr>`;
}

function Deliveries({ deliveries, open }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of deliveries">
    <table class="rows deliveries">
      <thead>
        <tr>
          <th scope="col" class="number">Id</th><th scope="col" class="wide-only">Time</th><th scope="col">Topic and id</th>
          <th scope="col">Outcome</th><th scope="col" class="number tries">Tries</th><th scope="col" class="wide-only">Last try</th>
        </tr>
      </thead>
      <tbody>
        ${deliveries.toReversed().map((one) => html`<${Row} key=${`${one.id} ${one.occurred_at}`} delivery=${one} isOpen=${String(one.id) === open} />`)}
      </tbody>
    </table>
  </div>`;
}

function NoWebhooks() {
  return html`<${Empty} title="There are no webhooks">
    <${Press} button="Subscribe" /> to subscribe an address of your receiver, such as <code>http://127.0.0.1:5000/webhooks</code>; or
    have your code send <code>POST /v1/companies/me/webhooks.json</code>.
  </${Empty}>`;
}

function NoDeliveries({ outcome, hasWebhooks }) {
  if (!hasWebhooks) return null;
  return html`<${Empty} title=${outcome ? `No delivery is ${outcome}` : "There are no deliveries yet"}>
    ${outcome ? "No delivery matches the filter." : "Create, change or delete a customer, and each webhook of that topic gets a delivery."}
  </${Empty}>`;
}

export function Webhooks({ route }) {
  const [outcome, setOutcome] = useState("");
  const { value, error, refresh } = useLive((signal) => load(outcome, signal), 2, [outcome]);
  const { webhooks = [], deliveries = [] } = value ?? {};
  const open = deliveries.find((one) => String(one.id) === route.id);
  const chosen = webhooks.find((one) => keyOf(one) === route.id);
  const deliver = () =>
    attempt(async () => {
      const { attempts } = await call("POST", "deliver");
      say(attempts ? `Tried: ${counted(attempts, "delivery", "deliveries")}` : "Nothing was due");
    }).then(refresh);
  return html`<${Panel}
    title="Webhooks"
    lead=${value ? `${counted(webhooks.length, "subscription")}, ${deliveries.length === SHOWN ? "the newest " : ""}${counted(deliveries.length, "delivery", "deliveries")}` : "…"}
    actions=${html`<button type="button" onClick=${deliver}>Deliver now</button><a class="button primary" href="#/webhooks/new" data-new>Subscribe</a>`}
  >
    <${Problem} error=${error} />
    ${value && (webhooks.length ? html`<${Subscriptions} webhooks=${webhooks} />` : html`<${NoWebhooks} />`)}
    ${(deliveries.length > 0 || outcome) &&
    html`<div class="filters"><h2>Deliveries</h2><span class="stretch"></span><${Choice} label="Outcome" value=${outcome} onValue=${setOutcome} choices=${[["", "any"], ...OUTCOMES]} /></div>`}
    <div class="split ${open ? "has-detail" : ""}">
      ${deliveries.length > 0 && html`<${Deliveries} deliveries=${deliveries} open=${route.id} />`}
      ${value && !deliveries.length && html`<${NoDeliveries} outcome=${outcome} hasWebhooks=${webhooks.length} />`}
      ${open && html`<${Delivery} key=${open.id} delivery=${open} onChanged=${refresh} />`}
    </div>
    ${(route.id === "new" || chosen) && html`<${WebhookDialog} key=${route.id} webhook=${chosen} onClose=${() => go("#/webhooks")} onChanged=${refresh} />`}
  </${Panel}>`;
}
