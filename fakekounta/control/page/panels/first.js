// What to do next, while there is nothing to show.
import { call, get } from "../api.js";
import { sample } from "../curl.js";
import { html } from "../html.js";
import { useOnce } from "../once.js";
import { attempt, Command } from "../parts.js";

const PEOPLE = [
  ["Ada", "Lovelace", "Sydney"], ["Grace", "Hopper", "Melbourne"], ["Zoë", "Müller", "Brisbane"], ["Li", "Na", "Perth"], ["Aroha", "Ngata", "Adelaide"],
  ["Siobhán", "O’Brien", "Hobart"], ["Noor", "Haddad", "Darwin"], ["Jean-Luc", "Moreau", "Canberra"], ["Priya", "Sharma", "Cairns"], ["Tomás", "García", "Geelong"],
];

const customerOf = ([first, last, city], index) => ({
  first_name: first,
  last_name: last,
  email: `sample.${index + 1}@example.com`,
  phone: `02 5550 010${index}`,
  tags: ["sample"],
  primary_address: { city, country: "AU" },
});

export function SampleCustomers({ company, onDone }) {
  const add = () =>
    attempt(() => call("POST", "customers", { query: { company_id: company }, body: PEOPLE.map(customerOf) }), "Ten sample customers are there").then(onDone);
  return html`<button type="button" onClick=${add}>Add ten sample customers</button>`;
}

/** Fills an empty company with the café that comes with the fake. */
export function FillCafe({ company = "", onDone }) {
  const fill = () => attempt(() => call("POST", "cafe", { query: { company_id: company } }), "The café is open").then(onDone);
  return html`<button type="button" onClick=${fill}>Fill in the café</button>`;
}

const loadSettings = (signal) => get("settings", {}, { signal });

export function FirstSteps() {
  const { value: settings } = useOnce(loadSettings, []);
  const application = settings?.applications[0];
  const inNamespace = settings?.namespace ? [`-H 'X-Fakekounta-Namespace: ${settings.namespace}'`] : [];
  return html`<div class="empty first">
    <p class="empty-title">There was no request yet</p>
    <ol class="first-steps">
      <li>Point your code at <code>${location.origin}/v1/</code> instead of <code>https://api.kounta.com/v1/</code>.</li>
      <li>Sign in with <code>${application?.client_id ?? "…"}</code> and <code>${application?.client_secret ?? "…"}</code>; tokens are in <a href="#/settings">Settings</a>.</li>
      <li>Send a request, and it shows up here as it happens:</li>
    </ol>
    <${Command} text=${sample(`${location.origin}/v1/companies/me/customers.json`, application, ...inNamespace)} />
    <p class="actions"><${SampleCustomers} onDone=${() => {}} /><${FillCafe} onDone=${() => {}} /></p>
  </div>`;
}
