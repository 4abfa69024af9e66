// The panel of the state: export to a file, import from one, reset to the seed.
import { call, get } from "../api.js";
import { html, useRef, useState } from "../html.js";
import { useLive } from "../live.js";
import { attempt, Confirmed, Panel, Problem, say } from "../parts.js";
import { count } from "../text.js";
import { download } from "./download.js";

async function load(signal) {
  const ask = (path, query) => get(path, query, { signal });
  const [customers, requests, webhooks, settings] = await Promise.all([
    ask("customers", { limit: 1 }), ask("requests", { limit: 1, summary: true }), ask("webhooks"), ask("settings"),
  ]);
  return { customers: customers.total, exchanges: requests.total, webhooks: webhooks.length, applications: settings.applications.length };
}

function Numbers({ value }) {
  return html`<dl class="numbers" data-filled>
    ${["customer", "exchange", "webhook", "application"].map((name) => {
      const number = value?.[`${name}s`];
      return html`<div key=${name}><dt>${number === 1 ? name : `${name}s`}</dt><dd>${value ? count(number) : "…"}</dd></div>`;
    })}
  </dl>`;
}

function Import({ onDone }) {
  const input = useRef(null);
  const [file, setFile] = useState(null);
  const [error, setError] = useState(null);
  const send = async () => {
    setError(null);
    try {
      await call("PUT", "state", { text: await file.text() });
    } catch (refused) {
      return setError(refused);
    }
    say(`Imported ${file.name}`);
    input.current.value = "";
    setFile(null);
    return onDone();
  };
  return html`<div class="card">
    <h2>Import</h2>
    <p class="card-text">A file replaces everything; an invalid file changes nothing.</p>
    <label class="unseen" for="state-file">State file</label>
    <input id="state-file" ref=${input} type="file" accept=".json,application/json" onChange=${(event) => setFile(event.target.files[0] ?? null)} />
    <${Problem} error=${error} />
    <div class="in-line">
      ${file ? html`<${Confirmed} label="Import ${file.name}" question="Replace everything?" onConfirm=${send} tone="" />` : html`<button type="button" disabled>Import</button>`}
    </div>
  </div>`;
}

export function State({ namespace }) {
  const { value, error, refresh } = useLive(load, 3, []);
  const reset = () => attempt(() => call("POST", "reset"), "Back to the seed").then(refresh);
  return html`<${Panel} title="State" lead=${namespace ? `Of the namespace ${namespace}` : "Of the default namespace"}>
    <${Problem} error=${error} />
    <${Numbers} value=${value} />
    <div class="cards">
      <div class="card">
        <h2>Export</h2>
        <p class="card-text">Customers, orders, the menu, applications with their secrets, tokens, webhooks, pending deliveries, the clock and the settings, as one JSON file. Without the journal.</p>
        <div class="in-line"><button type="button" class="primary" onClick=${() => attempt(() => download("state", `fakekounta-state${namespace ? `-${namespace}` : ""}.json`), "Exported")}>Export</button></div>
      </div>
      <${Import} onDone=${refresh} />
      <div class="card">
        <h2>Reset</h2>
        <p class="card-text">Back to the seed: customers, orders, the menu, tokens, webhooks, clock, journal and counts as at the start.</p>
        <div class="in-line"><${Confirmed} label="Reset" question="Really reset?" onConfirm=${reset} /></div>
      </div>
    </div>
  </${Panel}>`;
}
