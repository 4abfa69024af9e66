// The panel of faults: the rules, and how often each matched and fired.
import { call, get } from "../api.js";
import { html } from "../html.js";
import { useLive } from "../live.js";
import { attempt, Confirmed, Empty, Panel, Pill, Problem } from "../parts.js";
import { go } from "../route.js";
import { count, counted } from "../text.js";
import { FaultDialog } from "./fault.js";

const load = (signal) => get("faults", {}, { signal });
const COUNTS = new Set(["id", "matched", "fired"]);

function effectOf({ status, rate_limited: limited, token_expired: expired, connection, after_change: after, latency_seconds: late }) {
  const what = status ? `status ${status}` : limited ? "rate limited" : expired ? "token expired" : connection ? `connection: ${connection}` : "";
  const delay = late === undefined ? "" : `${[late].flat().join(" to ")} s late`;
  return [what && (after ? `${what}, after the change` : what), delay].filter(Boolean).join(", ");
}

function whenOf({ nth, every, probability, times, since, until, client_id: client, company_id: company }) {
  const parts = [
    nth !== undefined && `match ${nth}`, every !== undefined && `every ${every}th match`, probability !== undefined && `${probability * 100} %`,
    times !== undefined && `at most ${counted(times, "time")}`, client && `by ${client}`, company && `company ${company}`,
    since !== undefined && `from ${since}`, until !== undefined && `until ${until}`,
  ];
  return parts.filter(Boolean).join(", ") || "always";
}

function Row({ fault, remove }) {
  const rule = Object.fromEntries(Object.entries(fault).filter(([name]) => !COUNTS.has(name)));
  const where = [[fault.method ?? []].flat().join(", "), fault.path ?? "any path"].filter(Boolean).join(" ");
  return html`<tr title=${JSON.stringify(rule)}>
    <td class="number">${fault.id}</td>
    <td class="name">${effectOf(fault)}</td>
    <td class="target mono">${where}</td>
    <td class="wide-only">${whenOf(fault)}</td>
    <td class="number wide-only">${count(fault.matched)}</td>
    <td class="number"><${Pill} tone=${fault.fired ? "warn" : ""}>${count(fault.fired)}</${Pill}></td>
    <td class="buttons"><button type="button" class="small danger" aria-label="Remove fault ${fault.id}" onClick=${() => remove(fault.id)}>Remove</button></td>
  </tr>`;
}

function Table({ faults, remove }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of faults">
    <table class="rows faults">
      <thead>
        <tr>
          <th scope="col" class="number">Id</th><th scope="col">What</th><th scope="col">Where</th><th scope="col" class="wide-only">When</th>
          <th scope="col" class="number wide-only">Matched</th><th scope="col" class="number">Fired</th><th scope="col"><span class="unseen">Actions</span></th>
        </tr>
      </thead>
      <tbody>${faults.map((one) => html`<${Row} key=${one.id} fault=${one} remove=${remove} />`)}</tbody>
    </table>
  </div>`;
}

export function Faults({ route }) {
  const { value, error, refresh } = useLive(load, 1, []);
  const remove = (id) => attempt(() => call("DELETE", `faults/${id}`), `Fault ${id} is removed`).then(refresh);
  const clear = () => attempt(() => call("DELETE", "faults"), "All faults are removed").then(refresh);
  const fired = (value ?? []).reduce((sum, one) => sum + one.fired, 0);
  return html`<${Panel}
    title="Faults"
    lead=${value ? `${counted(value.length, "rule")}, fired ${counted(fired, "time")}` : "…"}
    actions=${html`${value?.length > 0 && html`<${Confirmed} label="Remove all" question="Remove all?" onConfirm=${clear} />`}
      <a class="button primary" href="#/faults/new" data-new>Add fault</a>`}
  >
    <${Problem} error=${error} />
    ${value?.length > 0 && html`<${Table} faults=${value} remove=${remove} />`}
    ${value?.length === 0 &&
    html`<${Empty} title="There are no faults" command=${`curl -s -X POST '${location.origin}/_fakekounta/faults' -H 'Content-Type: application/json' \\\n  -d '{"method": "POST", "path": "/customers", "connection": "close", "after_change": true, "times": 1}'`}>
      Press <kbd>n</kbd> to have something go wrong: a rate limit, a lost answer, a slow or broken connection. Or from a test:
    </${Empty}>`}
    ${route.id === "new" && html`<${FaultDialog} onClose=${() => go("#/faults")} onChanged=${refresh} />`}
  </${Panel}>`;
}
