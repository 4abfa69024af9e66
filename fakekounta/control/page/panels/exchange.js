// One exchange: request, response, and the covered quirks.
import { get, statements } from "../api.js";
import { curlOf } from "../curl.js";
import { explaining, isOnlyLate } from "../explained.js";
import { html } from "../html.js";
import { useOnce } from "../once.js";
import { Body, CopyButton, Headers, Pill, Problem, Statement, toneOfStatus } from "../parts.js";
import { milliseconds, moment } from "../text.js";
import { Travel } from "./travel.js";

async function load(number, signal) {
  const [exchange, settings, known] = await Promise.all([
    get(`requests/${encodeURIComponent(number)}`, {}, { signal }),
    get("settings", {}, { signal }),
    statements(),
  ]);
  return { exchange, settings, known };
}

function Quirks({ title, ids, known }) {
  if (!ids.length) return null;
  return html`<section class="part">
    <h3>${title}</h3>
    <ul class="statements">
      ${ids.map((id) => {
        const quirk = known.get(id);
        return html`<li key=${id}><a href="#/quirks/${id}">${id}</a> <${Statement} text=${quirk?.statement} /> <small>${quirk?.basis}</small></li>`;
      })}
    </ul>
  </section>`;
}

/** What explains the status stands before the bodies, the rest of the quirks after them. */
function split(exchange, known) {
  const why = explaining(exchange, known).map(({ id }) => id);
  return { why, others: exchange.quirks.filter((id) => !why.includes(id)) };
}

function Remarks({ exchange }) {
  const { notes, ignored_fields: ignored, fault } = exchange;
  if (!notes.length && !ignored.length && !fault) return null;
  return html`<section class="part remarks">
    <h3>Remarks</h3>
    <ul>
      ${fault && html`<li><strong>${isOnlyLate(fault) ? "Delayed by a fault" : "Fault applied"}:</strong> ${fault}</li>`}
      ${notes.map((note) => html`<li key=${note}>${note}</li>`)}
      ${ignored.length > 0 && html`<li><strong>Fields neither stored nor refused:</strong> ${ignored.join(", ")}</li>`}
    </ul>
  </section>`;
}

function Message({ title, message, label }) {
  return html`<section class="part">
    <h3>${title}</h3>
    <${Body} text=${message.body} label="${label} body" />
    <details>
      <summary>${Object.keys(message.headers).length} headers</summary>
      <${Headers} headers=${message.headers} label="${label} headers" />
    </details>
  </section>`;
}

function Facts({ exchange, settings, known, namespace }) {
  const { why, others } = split(exchange, known);
  const { method, target, status, at, duration_ms: took, client_id: client } = exchange;
  return html`<div>
    <p class="request-line"><span class="method">${method}</span> <span>${target}</span></p>
    <p class="facts">
      <${Pill} tone=${toneOfStatus(status)}>${status || "cut"}</${Pill}>
      <span>${milliseconds(took)}</span>
      ${at && html`<span>${moment(at)} UTC</span>`}
      ${client && html`<span>${client}</span>`}
      <${CopyButton} text=${curlOf(exchange, settings.applications, location.origin, namespace)} label="Copy as curl" />
    </p>
    <${Remarks} exchange=${exchange} />
    <${Quirks} title="Why ${status}" ids=${why} known=${known} />
    <${Message} title="Request" message=${exchange.request} label="Request" />
    <${Message} title="Answer" message=${exchange.response} label="Answer" />
    <${Travel} exchange=${exchange} />
    <${Quirks} title=${why.length ? "Other covered quirks" : "Covered quirks"} ids=${others} known=${known} />
  </div>`;
}

export function Exchange({ number, namespace, closeTo }) {
  const { value, error } = useOnce((signal) => load(number, signal), [number]);
  return html`<article class="detail" aria-labelledby="exchange-title">
    <div class="detail-head">
      <h2 id="exchange-title">Exchange ${number}</h2>
      <a class="button quiet icon" href=${closeTo} data-close aria-label="Close" title="Close (Esc)">✕</a>
    </div>
    <${Problem} error=${error} />
    ${value && html`<${Facts} ...${value} namespace=${namespace} />`}
  </article>`;
}
