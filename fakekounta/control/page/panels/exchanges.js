// The panel of exchanges, as they happen, newest first.
import { call, get, statements } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { useLive, useSettled } from "../live.js";
import { attempt, Choice, Confirmed, Empty, Field, Panel, Pill, Problem, toneOfStatus } from "../parts.js";
import { addressOf, go } from "../route.js";
import { counted, milliseconds, timeOfDay } from "../text.js";
import { Exchange } from "./exchange.js";

const KEPT = 1_000;
const SECONDS = 1;

const isSame = (one, other) => one && one.number === other.number && one.at === other.at && one.duration_ms === other.duration_ms;

/**
 * The exchanges that are there now: those of before and what is new. The last one of before is asked for again: if it
 * is not there any more, the journal was cleared in between.
 */
async function load(filter, signal, before) {
  const last = before?.requests.at(-1);
  const ask = (after) => get("requests", { ...filter, summary: true, after }, { signal });
  const answer = await ask(last ? last.number - 1 : 0);
  if (!last) return answer;
  if (!isSame(answer.requests[0], last)) return ask(0);
  if (answer.requests.length === 1 && answer.total === before.total) return before;
  return { total: answer.total, requests: [...before.requests, ...answer.requests.slice(1)].slice(-KEPT) };
}

/** What the fields ask for, as the control call takes it; `problem` is what it would refuse. */
export function filterOf({ method, path, status, quirk }) {
  if (/[?#]/.test(path)) return { problem: "Filter by the path only, without ? and #" };
  if (status && !/^\d{1,3}$/.test(status)) return { problem: "A status is a number, such as 404" };
  return { filter: { method, path: path && !/^[/*]/.test(path) ? `**${path}**` : path, status, quirk } };
}

function Filters({ fields, change, quirks }) {
  const set = (name) => (value) => change({ ...fields, [name]: value });
  return html`<form class="filters" role="search" aria-label="Filter exchanges" onSubmit=${(event) => event.preventDefault()}>
    <${Field} label="Path" value=${fields.path} onValue=${set("path")} placeholder="/customers/* or any part" data-search />
    <${Choice} label="Method" value=${fields.method} onValue=${set("method")} choices=${[["", "any"], "GET", "POST", "PUT", "DELETE"]} />
    <${Field} label="Status" value=${fields.status} onValue=${set("status")} placeholder="any" inputmode="numeric" size="4" />
    <${Choice} label="Covered quirk" value=${fields.quirk} onValue=${set("quirk")} choices=${[["", "any"], ...quirks]} />
  </form>`;
}

/** What all paths begin with is told apart, so that it can stand back where there is little room. */
function Target({ target }) {
  const [, prefix = "", rest = target] = /^(\/v1(?:\/companies\/[^/]+)?)(\/.*)$/.exec(target) ?? [];
  return html`<span class="prefix">${prefix}</span>${rest}`;
}

function Row({ exchange, isOpen, query }) {
  const { number, at, method, target, status, duration_ms, quirks, notes, fault } = exchange;
  return html`<tr class=${isOpen ? "open" : ""}>
    <td class="number">${number}</td>
    <td class="time wide-only">${timeOfDay(at)}</td>
    <td class="method">${method}</td>
    <td class="target">
      <a href=${addressOf("exchanges", number, query)} data-row aria-current=${isOpen ? "true" : undefined}><${Target} target=${target} /></a>
      ${notes.length > 0 && html`<${Pill} tone="note" title=${notes.join("\n")}>note</${Pill}>`}
      ${fault && html`<${Pill} tone="bad" title=${fault}>fault</${Pill}>`}
    </td>
    <td><${Pill} tone=${toneOfStatus(status)}>${status || "cut"}</${Pill}></td>
    <td class="quirk-ids wide-only">${quirks.join(" ")}</td>
    <td class="number duration wide-only">${milliseconds(duration_ms)}</td>
  </tr>`;
}

function List({ requests, open, query }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of exchanges">
    <table class="rows exchanges">
      <thead>
        <tr>
          <th scope="col" class="number">No.</th><th scope="col" class="wide-only">Time</th><th scope="col">Method</th>
          <th scope="col">Path</th><th scope="col">Status</th><th scope="col" class="wide-only">Quirks</th>
          <th scope="col" class="number duration wide-only">Took</th>
        </tr>
      </thead>
      <tbody>
        ${requests.map((one) => html`<${Row} key=${`${one.number} ${one.at}`} exchange=${one} isOpen=${String(one.number) === open} query=${query} />`)}
      </tbody>
    </table>
  </div>`;
}

function Nothing({ isFiltered, total }) {
  if (isFiltered && total) return html`<${Empty} title="No exchange matches">Of ${counted(total, "exchange")} none matches the filter.</${Empty}>`;
  const command = `curl -s '${location.origin}/v1/companies/me/customers.json' -u fake-client-id:fake-client-secret`;
  return html`<${Empty} title="There was no request yet" command=${command}>
    Send a request to <code>${location.origin}/v1/</code>, and it shows up here as it happens. For example:
  </${Empty}>`;
}

function useQuirkChoices() {
  const [choices, setChoices] = useState([]);
  useEffect(() => {
    statements().then((known) => setChoices([...known.values()].map(({ id, slug }) => [id, `${id} ${slug.replaceAll("_", " ").toLowerCase()}`])), () => {});
  }, []);
  return choices;
}

export function Exchanges({ route, namespace }) {
  const [fields, setFields] = useState({ method: "", path: "", status: "", quirk: "", ...route.query });
  const settled = useSettled(fields, 150);
  const { filter, problem } = filterOf(settled);
  const key = JSON.stringify(filter);
  const { value, error, refresh } = useLive(
    (signal, before) => (problem ? { requests: [], total: 0 } : load(filter, signal, before)), SECONDS, [key, problem]);
  const clear = () => attempt(() => call("DELETE", "requests"), "The journal is empty").then(() => (go("#/exchanges"), refresh()));
  const query = settled;
  const requests = value?.requests ?? [];
  return html`<${Panel}
    title="Exchanges"
    lead=${value ? `${counted(value.total, "exchange")} since the last reset` : "…"}
    actions=${html`<${Confirmed} label="Clear" question="Forget all exchanges?" onConfirm=${clear} />`}
  >
    <${Filters} fields=${fields} change=${setFields} quirks=${useQuirkChoices()} />
    <${Problem} error=${problem ? { message: problem } : error} />
    <div class="split ${route.id ? "has-detail" : ""}">
      ${requests.length > 0 && html`<${List} requests=${requests.toReversed()} open=${route.id} query=${query} />`}
      ${value && requests.length === 0 && !problem && html`<${Nothing} isFiltered=${key !== filterless} total=${value.total} />`}
      ${route.id && html`<${Exchange} key=${route.id} number=${route.id} namespace=${namespace} closeTo=${addressOf("exchanges", "", query)} />`}
    </div>
  </${Panel}>`;
}

const filterless = JSON.stringify(filterOf({ method: "", path: "", status: "", quirk: "" }).filter);
