// The panel of exchanges, as they happen, newest first.
import { call, get, statements } from "../api.js";
import { explaining, isOnlyLate, shortName } from "../explained.js";
import { html, useState } from "../html.js";
import { useLive, useSettled } from "../live.js";
import { useOnce } from "../once.js";
import { attempt, Breakable, Choice, Confirmed, Empty, Field, Panel, Pill, Problem, toneOfStatus } from "../parts.js";
import { addressOf, go } from "../route.js";
import { counted, milliseconds, timeOfDay } from "../text.js";
import { Exchange } from "./exchange.js";
import { FirstSteps } from "./first.js";

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
  const wanted = status.trim().toLowerCase().replace(/^([2-5])x$/, "$1xx");
  if (wanted && !/^(\d{1,3}|[2-5]xx)$/.test(wanted)) return { problem: "A status is a number such as 404, or a class such as 4xx" };
  return { filter: { method, path: path && !/^[/*]/.test(path) ? `**${path}**` : path, status: wanted, quirk } };
}

function Filters({ fields, change, quirks }) {
  const set = (name) => (value) => change({ ...fields, [name]: value });
  return html`<form class="filters" role="search" aria-label="Filter exchanges" onSubmit=${(event) => event.preventDefault()}>
    <${Field} label="Path" value=${fields.path} onValue=${set("path")} placeholder="/customers/* or any part" data-search />
    <${Choice} label="Method" value=${fields.method} onValue=${set("method")} choices=${[["", "any"], "GET", "POST", "PUT", "DELETE"]} />
    <${Field} label="Status" value=${fields.status} onValue=${set("status")} placeholder="404 or 4xx" size="4" />
    <${Choice} label="Covered quirk" value=${fields.quirk} onValue=${set("quirk")} choices=${[["", "any"], ...quirks]} />
  </form>`;
}

/** Separate the common beginning of all paths, so that it can be shown smaller on a narrow screen. */
function Target({ target }) {
  const [, prefix = "", rest = target] = /^(\/v1(?:\/companies\/[^/]+)?)(\/.*)$/.exec(target) ?? [];
  return html`<span class="prefix"><${Breakable} text=${prefix} /></span><${Breakable} text=${rest} />`;
}

function Why({ quirks, fault }) {
  if (fault && !isOnlyLate(fault)) return html`<span title=${fault}>fault ${fault}</span>`;
  return quirks.map((quirk) => html`<span key=${quirk.id} title=${quirk.statement}><b>${quirk.id}</b> ${shortName(quirk)}</span>`);
}

function Row({ exchange, isOpen, query, known }) {
  const { number, at, method, target, status, duration_ms, notes, fault } = exchange;
  const why = explaining(exchange, known);
  return html`<tr class=${isOpen ? "open" : ""}>
    <td class="number">${number}</td>
    <td class="time wide-only">${timeOfDay(at)}</td>
    <td class="method">${method}</td>
    <td class="target">
      <a href=${addressOf("exchanges", number, query)} data-row aria-label=${target} aria-current=${isOpen ? "true" : undefined}><${Target} target=${target} /></a>
      ${notes.length > 0 && html`<${Pill} tone="note" title=${notes.join("\n")}>note</${Pill}>`}
      ${fault && html`<${Pill} tone=${isOnlyLate(fault) ? "late" : "bad"} title=${fault}>${isOnlyLate(fault) ? "delayed" : "fault"}</${Pill}>`}
      <small class="under">${timeOfDay(at)} UTC · ${milliseconds(duration_ms)}</small>
      ${(why.length > 0 || fault) && html`<small class="under why"><${Why} quirks=${why} fault=${fault} /></small>`}
    </td>
    <td><${Pill} tone=${toneOfStatus(status)}>${status || "cut"}</${Pill}></td>
    <td class="why wide-only"><${Why} quirks=${why} fault=${fault} /></td>
    <td class="number duration wide-only">${milliseconds(duration_ms)}</td>
  </tr>`;
}

function List({ requests, open, query, known }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of exchanges">
    <table class="rows exchanges">
      <thead>
        <tr>
          <th scope="col" class="number">No.</th><th scope="col" class="wide-only">Time</th><th scope="col">Method</th>
          <th scope="col">Path</th><th scope="col">Status</th><th scope="col" class="wide-only">Why</th>
          <th scope="col" class="number duration wide-only">Took</th>
        </tr>
      </thead>
      <tbody>
        ${requests.map((one) => html`<${Row} key=${`${one.number} ${one.at}`} exchange=${one} isOpen=${String(one.number) === open} query=${query} known=${known} />`)}
      </tbody>
    </table>
  </div>`;
}

function Nothing({ isFiltered, total }) {
  if (isFiltered && total) return html`<${Empty} title="No exchange matches">Of ${counted(total, "exchange")} none matches the filter.</${Empty}>`;
  return html`<${FirstSteps} />`;
}

function choicesOf(known) {
  return [...(known?.values() ?? [])].map((quirk) => [quirk.id, `${quirk.id} ${shortName(quirk)}`]);
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
  const { value: known } = useOnce(statements, []);
  const requests = value?.requests ?? [];
  return html`<${Panel}
    title="Exchanges"
    lead=${value ? `${counted(value.total, "exchange")} since the last reset` : "…"}
    actions=${html`<${Confirmed} label="Clear" question="Forget all exchanges?" onConfirm=${clear} />`}
  >
    <${Filters} fields=${fields} change=${setFields} quirks=${choicesOf(known)} />
    <${Problem} error=${problem ? { message: problem } : error} />
    <div class="split ${route.id ? "has-detail" : ""}">
      ${requests.length > 0 && html`<${List} requests=${requests.toReversed()} open=${route.id} query=${query} known=${known} />`}
      ${value && requests.length === 0 && !problem && html`<${Nothing} isFiltered=${key !== filterless} total=${value.total} />`}
      ${route.id && html`<${Exchange} key=${route.id} number=${route.id} namespace=${namespace} closeTo=${addressOf("exchanges", "", query)} />`}
    </div>
  </${Panel}>`;
}

const filterless = JSON.stringify(filterOf({ method: "", path: "", status: "", quirk: "" }).filter);
