// The panel of orders: any number of them, the newest first; one of them opened, with what the POS does to it.
import { get } from "../api.js";
import { STATUSES } from "../fields.js";
import { html, useState } from "../html.js";
import { useSettled } from "../live.js";
import { useOnce } from "../once.js";
import { Choice, Empty, Field, Panel, Press, Problem } from "../parts.js";
import { addressOf, go } from "../route.js";
import { counted, moment } from "../text.js";
import { FillCafe } from "./first.js";
import { LongTable } from "./long_table.js";
import { Order } from "./order.js";
import { money, nameOfOrder, Status } from "./order_parts.js";
import { RingUp } from "./ring_up.js";
import { useWindow } from "./window.js";

const load = async (company, signal) => {
  const [settings, sites] = await Promise.all([get("settings", {}, { signal }), get("sites", { company_id: company, limit: 1_000 }, { signal })]);
  return { companies: settings.companies, sites: new Map(sites.sites.map(({ id, name }) => [id, name])) };
};

function columnsWith(sites) {
  const columns = [
    { name: "order", title: "Order", text: nameOfOrder },
    { name: "status", title: "Status", text: ({ status }) => status, show: ({ status }) => html`<${Status} status=${status} />` },
    { name: "total", title: "Total", text: ({ total }) => money(total) },
    { name: "paid", title: "Paid", text: ({ paid }) => money(paid) },
    { name: "site", title: "Site", text: ({ site_id: id }) => sites?.get(id) ?? String(id ?? "") },
    { name: "type", title: "Type", text: ({ order_type: type }) => type },
    { name: "notes", title: "Notes", text: ({ notes }) => notes },
    { name: "created", title: "Created, UTC", text: ({ created_at: at }) => moment(at) },
  ];
  const named = (...names) => names.map((name) => columns.find((one) => one.name === name));
  return [columns, [named("status", "total"), named("site", "created", "notes")]];
}

function Filters({ text, setText, status, setStatus, companies, company, setCompany }) {
  return html`<form class="filters" role="search" aria-label="Search orders" onSubmit=${(event) => event.preventDefault()}>
    <${Field} label="Search" type="search" value=${text} onValue=${setText} placeholder="Sale number, id, notes, type" data-search />
    <${Choice} label="Status" value=${status} onValue=${setStatus} choices=${[["", "any"], ...STATUSES]} />
    ${companies.length > 1 &&
    html`<${Choice} label="Company" value=${company} onValue=${setCompany}
      choices=${companies.map(({ id, name }, index) => [index ? String(id) : "", `${id} ${name}`])} />`}
  </form>`;
}

function Nothing({ isFiltered, company, hasSites, onDone }) {
  if (isFiltered) return html`<${Empty} title="No order matches">The search covers ids, sale numbers, notes and types.</${Empty}>`;
  return html`<${Empty} title="There are no orders yet" button=${!hasSites && html`<${FillCafe} company=${company} onDone=${onDone} />`}>
    ${hasSites
      ? html`<${Press} button="Ring up" /> to ring one up as a register does, or have your code send <code>POST /v1/companies/me/orders.json</code>.`
      : html`An order needs a site, products and payment methods: add them in <a href="#/menu">Menu</a>, start the fake with <code>--cafe</code>, or fill in the café now.`}
  </${Empty}>`;
}

export function Orders({ route }) {
  const [text, setText] = useState("");
  const [status, setStatus] = useState("");
  const [company, setCompany] = useState("");
  const [generation, setGeneration] = useState(0);
  const search = useSettled(text, 200).trim();
  const { value } = useOnce((signal) => load(company, signal), [company, generation]);
  const query = { search, status, company_id: company, sort: "-id" };
  const { rows, total, error, see, refresh } = useWindow("orders", query);
  const [columns, below] = columnsWith(value?.sites);
  const isFiltered = Boolean(search || status);
  const filled = () => (setGeneration(generation + 1), refresh());
  return html`<${Panel}
    title="Orders"
    lead=${html`<span aria-live="polite">${total === undefined ? "…" : `${counted(total, "order")}${isFiltered ? " found" : ", the newest first"}`}</span>`}
    actions=${html`<a class="button primary" href=${addressOf("orders", "new")} data-new>Ring up</a>`}
  >
    <${Filters} text=${text} setText=${setText} status=${status} setStatus=${setStatus} companies=${value?.companies ?? []} company=${company} setCompany=${setCompany} />
    <${Problem} error=${error} />
    <div class="split ${route.id && route.id !== "new" ? "has-detail" : ""}">
      ${total > 0 && html`<${LongTable} key=${`${search} ${status} ${company}`} label="List of orders" kind="orders" columns=${columns} below=${below}
        addressOf=${({ id }) => addressOf("orders", id)} rows=${rows} total=${total} see=${see} open=${route.id} />`}
      ${total === 0 && value && html`<${Nothing} isFiltered=${isFiltered} company=${company} hasSites=${value.sites.size > 0} onDone=${filled} />`}
      ${route.id && route.id !== "new" && html`<${Order} key=${route.id} id=${route.id} company=${company} onChanged=${refresh} />`}
    </div>
    ${route.id === "new" && html`<${RingUp} company=${company} onClose=${() => go("#/orders")} onChanged=${refresh} />`}
  </${Panel}>`;
}
