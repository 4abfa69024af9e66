// The panel of namespaces: worlds of their own on one server.
import { call, get } from "../api.js";
import { sample } from "../curl.js";
import { html, useState } from "../html.js";
import { useLive } from "../live.js";
import { attempt, Command, Confirmed, Field, Panel, Pill, Problem } from "../parts.js";
import { count, counted } from "../text.js";

const load = (signal) => get("namespaces", {}, { signal, ofTheFake: true });
const NAME = "[A-Za-z0-9._\\-]{1,64}";

function Row({ one, current, choose, change }) {
  const path = `namespaces/${encodeURIComponent(one.name)}`;
  const isShown = one.name === current;
  return html`<tr>
    <td class="name">${one.name} ${isShown && html`<${Pill} tone="good">shown</${Pill}>`}</td>
    <td class="number">${count(one.customers)}</td>
    <td class="number">${count(one.requests)}</td>
    <td class="buttons">
      <button type="button" class="small" disabled=${isShown} aria-label="Show ${one.name}" onClick=${() => choose(one.name)}>Show</button>
      <${Confirmed} small tone="" label="Reset" question="Really reset?" onConfirm=${() => change("POST", `${path}/reset`, `${one.name} is back at the seed`)} />
      <${Confirmed} small label="Drop" question="Really drop?" onConfirm=${() => change("DELETE", path, `${one.name} is gone`, one.name)} />
    </td>
  </tr>`;
}

function Table({ namespaces, ...rest }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="List of namespaces">
    <table class="rows namespaces">
      <thead>
        <tr><th scope="col">Name</th><th scope="col" class="number">Customers</th><th scope="col" class="number">Exchanges</th><th scope="col"><span class="unseen">Actions</span></th></tr>
      </thead>
      <tbody>${namespaces.map((one) => html`<${Row} key=${one.name} one=${one} ...${rest} />`)}</tbody>
    </table>
  </div>`;
}

function New({ choose }) {
  const [name, setName] = useState("");
  const submit = (event) => {
    event.preventDefault();
    choose(name);
  };
  return html`<form class="filters" onSubmit=${submit}>
    <${Field} label="New namespace" value=${name} onValue=${setName} placeholder="worker-3" required pattern=${NAME} title="1 to 64 letters, digits, dots, dashes or underscores" data-search />
    <button type="submit">Create and show</button>
  </form>`;
}

export function NamespacesPanel({ namespace, choose }) {
  const { value, error, refresh } = useLive(load, 2, []);
  const change = (method, path, done, dropped) => {
    if (dropped === namespace) choose(""); // or the page would create it again
    return attempt(() => call(method, path, { ofTheFake: true }), done).then(refresh);
  };
  const command = sample(`${location.origin}/v1/companies/me/customers.json`, undefined, "-H 'X-Fakekounta-Namespace: worker-3'");
  return html`<${Panel} title="Namespaces" lead=${value ? counted(value.length, "namespace") : "…"}
    actions=${html`<button type="button" disabled=${!namespace} onClick=${() => choose("")}>Show the default one</button>`}>
    <${Problem} error=${error} />
    <${New} choose=${choose} />
    ${value?.length > 0 && html`<${Table} namespaces=${value} current=${namespace} choose=${choose} change=${change} />`}
    ${value && html`<div class="card">
      <h2>A world of its own</h2>
      <p class="card-text">A request that names a namespace has its own customers, applications, webhooks, journal, faults and clock. It is made on first use, by a header, or by the path ${html`<code>/_fakekounta/ns/worker-3/v1/…</code>`}:</p>
      <${Command} text=${command} />
    </div>`}
  </${Panel}>`;
}
