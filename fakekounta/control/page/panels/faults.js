// The panel of faults: the rules, and how often each matched and fired.
import { call, get } from "../api.js";
import { html } from "../html.js";
import { useLive } from "../live.js";
import { attempt, Confirmed, Empty, Panel, Pill, Press, Problem } from "../parts.js";
import { addressOf, go } from "../route.js";
import { count, counted } from "../text.js";
import { FaultDialog } from "./fault.js";
import { effectsOf, whenOf, whereOf } from "./fault_words.js";

const load = (signal) => get("faults", {}, { signal });

function Row({ fault, turn, remove }) {
  const { id, matched, fired, disabled = false } = fault;
  const effects = effectsOf(fault);
  return html`<tr class=${disabled ? "disabled" : ""}>
    <td class="number">${id}</td>
    <td class="name">
      <a href=${addressOf("faults", id)} data-row aria-label="Fault ${id}: ${effects.map(([text]) => text).join(", ")}">
        ${effects.map(([text, tone]) => html`<${Pill} key=${tone} tone=${disabled ? "" : tone}>${text}</${Pill}> `)}
      </a>
      ${disabled && html`<${Pill}>disabled</${Pill}>`}
      <small class="under mono">${whereOf(fault)}</small>
      <small class="under">${whenOf(fault)} · matched ${count(matched)}</small>
    </td>
    <td class="target mono wide-only" title=${whereOf(fault)}>${whereOf(fault)}</td>
    <td class="wide-only" title=${whenOf(fault)}>${whenOf(fault)}</td>
    <td class="number wide-only">${count(matched)}</td>
    <td class="number">${count(fired)}</td>
    <td class="buttons">
      <button type="button" class="small" aria-label="${disabled ? "Enable" : "Disable"} fault ${id}" onClick=${() => turn(id, !disabled)}>${disabled ? "Enable" : "Disable"}</button>
      <button type="button" class="small danger" aria-label="Remove fault ${id}" onClick=${() => remove(id)}>Remove</button>
    </td>
  </tr>`;
}

function Table({ faults, ...rest }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of faults">
    <table class="rows faults">
      <thead>
        <tr>
          <th scope="col" class="number">Id</th><th scope="col" class="what">What</th><th scope="col" class="wide-only">Where</th><th scope="col" class="wide-only when">When</th>
          <th scope="col" class="number wide-only">Matched</th><th scope="col" class="number">Fired</th><th scope="col" class="buttons"><span class="unseen">Actions</span></th>
        </tr>
      </thead>
      <tbody>${faults.map((one) => html`<${Row} key=${one.id} fault=${one} ...${rest} />`)}</tbody>
    </table>
  </div>`;
}

function Nothing() {
  const command =
    `curl -s '${location.origin}/_fakekounta/faults' \\\n  -H 'Content-Type: application/json' \\\n` +
    `  -d '{"method": "POST", "path": "/customers", "connection": "close", "after_change": true, "times": 1}'`;
  return html`<${Empty} title="There are no faults" command=${command}>
    <${Press} button="Add fault" /> to have something go wrong: a rate limit, a lost answer, a slow or broken connection. Or from a test:
  </${Empty}>`;
}

export function Faults({ route }) {
  const { value, error, refresh } = useLive(load, 1, []);
  const remove = (id) => attempt(() => call("DELETE", `faults/${id}`), `Fault ${id} is removed`).then(refresh);
  const turn = (id, disabled) => attempt(() => call("PUT", `faults/${id}`, { body: { disabled } }), `Fault ${id} is ${disabled ? "disabled" : "enabled"}`).then(refresh);
  const clear = () => attempt(() => call("DELETE", "faults"), "All faults are removed").then(refresh);
  const fired = (value ?? []).reduce((sum, one) => sum + one.fired, 0);
  const chosen = value?.find((one) => String(one.id) === route.id);
  return html`<${Panel}
    title="Faults"
    lead=${value ? `${counted(value.length, "rule")}, fired ${counted(fired, "time")}` : "…"}
    actions=${html`${value?.length > 0 && html`<${Confirmed} label="Remove all" question="Remove all?" onConfirm=${clear} />`}
      <a class="button primary" href="#/faults/new" data-new>Add fault</a>`}
  >
    <${Problem} error=${error} />
    ${value?.length > 0 && html`<${Table} faults=${value} turn=${turn} remove=${remove} />`}
    ${value?.length === 0 && html`<${Nothing} />`}
    ${(route.id === "new" || chosen) && html`<${FaultDialog} key=${route.id} fault=${chosen} remove=${remove} onClose=${() => go("#/faults")} onChanged=${refresh} />`}
  </${Panel}>`;
}
