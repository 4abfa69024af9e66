// The panel of customers: any number of them; only the visible ones are requested.
import { get } from "../api.js";
import { sample } from "../curl.js";
import { CUSTOMER } from "../fields.js";
import { html, useState } from "../html.js";
import { useSettled } from "../live.js";
import { useOnce } from "../once.js";
import { Choice, Empty, Field, Panel, Press, Problem } from "../parts.js";
import { addressOf, go } from "../route.js";
import { counted } from "../text.js";
import { BELOW, COLUMNS } from "./customer_columns.js";
import { SampleCustomers } from "./first.js";
import { LongTable } from "./long_table.js";
import { RecordDialog } from "./record.js";
import { useWindow } from "./window.js";

const ORDERS = [["", "as in lists"], ...COLUMNS.filter(({ sort }) => sort).flatMap(({ sort, title }) => [[sort, `${title} ↑`], [`-${sort}`, `${title} ↓`]])];
const loadSettings = (signal) => get("settings", {}, { signal });

function Nothing({ search, company, application, onDone }) {
  if (search) return html`<${Empty} title="No customer matches “${search}”">The search covers names, email, phone, mobile, tags, reference ids and complete ids.</${Empty}>`;
  const command = sample(`${location.origin}/v1/companies/${company || "me"}/customers.json`, application,
    "-H 'Content-Type: application/json'", `-d '{"first_name": "Jamie", "email": "jamie@example.com"}'`);
  return html`<${Empty} title="There are no customers yet" command=${command} button=${html`<${SampleCustomers} company=${company} onDone=${onDone} />`}>
    <p><${Press} button="Add customer" /> to add one, start the fake with <code>--seed-file</code>, or send a request:</p>
  </${Empty}>`;
}

function applicationOf(settings, company) {
  const id = Number(company) || settings?.companies[0].id;
  return settings?.applications.find((one) => one.company_id === id);
}

function Search({ text, setText, companies, company, setCompany, sort, setSort }) {
  return html`<form class="filters" role="search" aria-label="Search customers" onSubmit=${(event) => event.preventDefault()}>
    <${Field} label="Search" type="search" value=${text} onValue=${setText} placeholder="Name, email, phone, tag, id" data-search />
    ${companies.length > 1 &&
    html`<${Choice} label="Company" value=${company} onValue=${setCompany}
      choices=${companies.map(({ id, name }, index) => [index ? String(id) : "", `${id} ${name}`])} />`}
    <span class="narrow-only"><${Choice} label="Order" value=${sort} onValue=${setSort} choices=${ORDERS} /></span>
  </form>`;
}

export function Customers({ route }) {
  const [text, setText] = useState("");
  const [company, setCompany] = useState("");
  const [sort, setSort] = useState("");
  const search = useSettled(text, 200).trim();
  const { value: settings } = useOnce(loadSettings, []);
  const { rows, total, error, see, refresh } = useWindow("customers", { search, company_id: company, sort });
  const close = () => go("#/customers");
  const lead = total === undefined ? "…" : search ? `${counted(total, "customer")} found` : counted(total, "customer");
  return html`<${Panel}
    title="Customers"
    lead=${html`<span aria-live="polite">${lead}</span>`}
    actions=${html`<a class="button primary" href=${addressOf("customers", "new")} data-new>Add customer</a>`}
  >
    <${Search} text=${text} setText=${setText} companies=${settings?.companies ?? []} company=${company} setCompany=${setCompany} sort=${sort} setSort=${setSort} />
    <${Problem} error=${error} />
    ${total > 0 && html`<${LongTable} key=${`${search} ${company} ${sort}`} label="List of customers" kind="customers" columns=${COLUMNS} below=${BELOW}
      addressOf=${({ id }) => addressOf("customers", id)} rows=${rows} total=${total} see=${see} sort=${sort} setSort=${setSort} />`}
    ${total === 0 && html`<${Nothing} search=${search} company=${company} application=${applicationOf(settings, company)} onDone=${refresh} />`}
    ${route.id && html`<${RecordDialog} key=${route.id} noun="customer" plural="customers" fields=${CUSTOMER} id=${route.id} company=${company} onClose=${close} onChanged=${refresh} />`}
  </${Panel}>`;
}
