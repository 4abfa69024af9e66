// The panel of settings: applications with their credentials, companies, limits, where the fake listens.
import { get } from "../api.js";
import { html, useState } from "../html.js";
import { useLive } from "../live.js";
import { Command, CopyButton, Panel, Pill, Problem } from "../parts.js";
import { sample } from "../curl.js";
import { counted } from "../text.js";

const load = async (signal) => {
  const [settings, health] = await Promise.all([get("settings", {}, { signal }), get("health", {}, { signal })]);
  return { ...settings, version: health.version };
};

const SECRETS = [["Client secret", "client_secret"], ["Access token", "access_token"], ["Refresh token", "refresh_token"], ["Signature token", "signature_token"]];

function Secret({ label, value, isShown }) {
  return html`<div><dt>${label}</dt><dd>
    <code>${value ? (isShown ? value : "••••••••") : "none"}</code>
    ${value && html`<${CopyButton} text=${value} label=${html`Copy<span class="unseen"> the ${label.toLowerCase()}</span>`} />`}
  </dd></div>`;
}

function Application({ application, isDefault }) {
  const [isShown, show] = useState(false);
  const { client_id: id, company_id: company, redirect_uris: uris, any_redirect_uri: any } = application;
  return html`<section class="card application" aria-label="Application ${id}">
    <div class="card-head">
      <h3><code>${id}</code> ${isDefault && html`<${Pill} tone="good">default</${Pill}>`}</h3>
      <button type="button" class="small" aria-pressed=${isShown} onClick=${() => show(!isShown)}>${isShown ? "Hide secrets" : "Show secrets"}</button>
    </div>
    <dl class="pairs">
      <div><dt>Client id</dt><dd><code>${id}</code> <${CopyButton} text=${id} label=${html`Copy<span class="unseen"> the client id</span>`} /></dd></div>
      <div><dt>Company</dt><dd>${company}</dd></div>
      ${SECRETS.map(([label, name]) => html`<${Secret} key=${name} label=${label} value=${application[name]} isShown=${isShown} />`)}
      <div><dt>Redirect URIs</dt><dd>${any ? "any" : uris.join(", ") || "none"}</dd></div>
    </dl>
  </section>`;
}

function limitOf(limit) {
  return limit ? `${counted(limit.basic, "request")} a minute with Basic, ${limit.oauth} with a token (R01)` : "off";
}

const DELIVERY = { background: "background threads", immediate: "before the call returns", collect: "only by a call" };

/** Name of the setting, what it is now. */
function rowsOf(settings) {
  const { page_size: size, rate_limit: limit, open_auth: open, webhook_mode: mode, webhook_schedule: schedule, allow_webhook_hosts: hosts, assumptions } = settings;
  const changed = Object.entries(assumptions).map(([id, name]) => `${id}=${name}`);
  return [
    ["rate_limit", limitOf(limit)],
    ["page_size", `${counted(size, "item")} a page (P01)`],
    ["open_auth", open ? "on: any credentials are accepted" : "off"],
    ["webhook_mode", `${mode}: ${DELIVERY[mode]}`],
    ["webhook_schedule", `tried after ${schedule.minutes.join(", ")} minutes, a receiver may take ${counted(schedule.timeout_seconds, "second")} (W12)`],
    ["allow_webhook_hosts", ["this machine", ...hosts].join(", ")],
    ["assumptions", changed.length ? changed.join(", ") : "all as by default"],
  ];
}

function Pairs({ rows, label }) {
  return html`<dl class="pairs" aria-label=${label}>${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Server({ value }) {
  const port = location.port || (location.protocol === "https:" ? "443" : "80");
  const rows = [
    ["API", html`<code>${location.origin}/v1/</code> <${CopyButton} text=${`${location.origin}/v1/`} label=${html`Copy<span class="unseen"> the address</span>`} />`],
    ["Port", port],
    ["Namespace", value.namespace || "default"],
    ["Version", value.version],
  ];
  return html`<section class="card"><h2>Server</h2><${Pairs} rows=${rows} />
    <${Command} text=${sample(`${location.origin}/v1/companies/me.json`, value.applications[0])} />
  </section>`;
}

function Everything({ value }) {
  const { companies, applications } = value;
  return html`<div class="cards wide" data-filled>
      <${Server} value=${value} />
      <section class="card"><h2>Limits and behaviour</h2><${Pairs} rows=${rowsOf(value)} /></section>
    </div>
    <h2>${counted(companies.length, "company", "companies")}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="List of companies"><table class="rows companies">
      <thead><tr><th scope="col" class="number">Id</th><th scope="col">Name</th><th scope="col">Time zone</th></tr></thead>
      <tbody>${companies.map((one) => html`<tr key=${one.id}><td class="number">${one.id}</td><td>${one.name}</td><td>${one.timezone}</td></tr>`)}</tbody>
    </table></div>
    <h2>${counted(applications.length, "application")}</h2>
    <div class="cards wide">${applications.map((one, index) => html`<${Application} key=${one.client_id} application=${one} isDefault=${index === 0} />`)}</div>`;
}

export function Settings() {
  const { value, error } = useLive(load, 3, []);
  return html`<${Panel} title="Settings" lead="What clients need to know. Settings are given at the start; assumptions, the clock and faults have panels of their own.">
    <${Problem} error=${error} />
    ${value && html`<${Everything} value=${value} />`}
  </${Panel}>`;
}
