// The panel of what orders stand on: sites, registers, staff, products, categories, taxes, payment methods.
import { get } from "../api.js";
import { COLLECTIONS } from "../fields.js";
import { html, useState } from "../html.js";
import { useSettled } from "../live.js";
import { useOnce } from "../once.js";
import { Choice, Empty, Field, Panel, Press, Problem } from "../parts.js";
import { addressOf, go } from "../route.js";
import { counted } from "../text.js";
import { FillCafe } from "./first.js";
import { LongTable } from "./long_table.js";
import { money } from "./order_parts.js";
import { RecordDialog } from "./record.js";
import { loadReferred, nameOf } from "./referred.js";
import { useWindow } from "./window.js";

/** The fields that the list of a collection shows beside the name and the id. */
const SHOWN = {
  products: ["code", "unit_price", "category_ids", "tax_ids", "sites", "is_modifier"],
  categories: ["description", "site_ids", "show_online"],
  sites: ["code", "status", "online_ordering", "phone", "email"],
  registers: ["code", "site_id", "sale_prefix", "assigned_to_device"],
  staff: ["primary_email_address", "is_admin", "site_ids"],
  taxes: ["code", "rate"],
  tax_groups: ["code", "tax_ids"],
  payment_methods: ["ledger_code"],
};
const PLURALS = [...new Set([...Object.keys(SHOWN), ...Object.keys(COLLECTIONS)])];
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const titleOf = (plural) => capital(COLLECTIONS[plural].nouns);

function namesOf(referred, plural, ids) {
  const names = new Map((referred?.[plural] ?? []).map(({ id, name }) => [String(id), name]));
  return ids.map((id) => names.get(String(id)) ?? String(id)).join(", ");
}

/** The text of a value in the list, by the kind of its field. */
const TEXTS = {
  Flag: (value) => (value ? "yes" : ""),
  Amount: (value) => (value === null ? "" : money(value)),
  Reference: (value, field, referred) => (value === null ? "" : namesOf(referred, field.plural, [value])),
  References: (value, field, referred) => namesOf(referred, field.plural, value ?? []),
  Parts: (value, field, referred) => namesOf(referred, field.parts[0].plural, (value ?? []).map(({ id }) => id)),
};
const plain = (value) => String(value ?? "");

function columnsOf(plural, referred) {
  const { fields } = COLLECTIONS[plural];
  const shown = fields.filter(({ key }) => SHOWN[plural]?.includes(key));
  const columns = [
    { name: "name", title: "Name", text: (record) => nameOf(record) || String(record.id) },
    ...shown.map((field) => ({
      isFlag: field.kind === "Flag",
      name: field.kind === "Amount" ? "amount" : field.key.replaceAll("_", "-"),
      title: field.kind === "References" ? titleOf(field.plural) : field.label.replace(/ id$/, ""),
      text: (record) => (TEXTS[field.kind] ?? plain)(record[field.name], field, referred),
    })),
    { name: "id", title: "Id", text: ({ id }) => String(id) },
  ];
  const below = columns.filter(({ isFlag }) => !isFlag); // a "yes" without its title says nothing
  return [columns, [below.slice(1, 3), [below.at(-1), ...below.slice(3, -1)]]];
}

function Tabs({ current }) {
  return html`<div class="tabs" role="navigation" aria-label="Kinds of records">
    ${PLURALS.map((plural) => html`<a key=${plural} href=${addressOf("menu", plural)} aria-current=${plural === current ? "page" : undefined}>${titleOf(plural)}</a>`)}
  </div>`;
}

const loadSettings = (signal) => get("settings", {}, { signal });

function Kind({ plural, id, company }) {
  const { noun, nouns, fields } = COLLECTIONS[plural];
  const [text, setText] = useState("");
  const [generation, setGeneration] = useState(0);
  const search = useSettled(text, 200).trim();
  const { value: referred } = useOnce((signal) => loadReferred(fields, company, signal), [company, generation]);
  const { rows, total, error, see, refresh } = useWindow(plural, { search, company_id: company });
  const [columns, below] = columnsOf(plural, referred);
  const changed = () => (setGeneration(generation + 1), refresh());
  return html`
    <form class="filters" role="search" aria-label="Search ${nouns}" onSubmit=${(event) => event.preventDefault()}>
      <${Field} label="Search" type="search" value=${text} onValue=${setText} placeholder="Name, code, id" data-search />
      <p class="lead" aria-live="polite">${total === undefined ? "…" : `${counted(total, noun, nouns)}${search ? " found" : ""}`}</p>
      <span class="stretch"></span>
      <a class="button primary" href=${addressOf("menu", `${plural}/new`)} data-new>Add ${noun}</a>
    </form>
    <${Problem} error=${error} />
    ${total > 0 && html`<${LongTable} key=${`${search} ${company}`} label="List of ${nouns}" kind="of-menu ${plural.replaceAll("_", "-")}" columns=${columns} below=${below}
      addressOf=${({ id: number }) => addressOf("menu", `${plural}/${number}`)} rows=${rows} total=${total} see=${see} />`}
    ${total === 0 && search && html`<${Empty} title="No ${noun} matches “${search}”">The search covers ids and texts, such as names and codes.</${Empty}>`}
    ${total === 0 && !search && html`<${Empty} title="There are no ${nouns} yet" button=${html`<${FillCafe} company=${company} onDone=${changed} />`}>
      <${Press} button="Add ${noun}" /> to add one, start the fake with <code>--cafe</code>, or fill in the café now.
    </${Empty}>`}
    ${id && html`<${RecordDialog} key=${id} noun=${noun} plural=${plural} fields=${fields} id=${id} company=${company} onClose=${() => go(addressOf("menu", plural))} onChanged=${changed} />`}`;
}

export function Menu({ route }) {
  const [company, setCompany] = useState("");
  const { value: settings } = useOnce(loadSettings, []);
  const companies = settings?.companies ?? [];
  const [asked, id = ""] = route.id.split("/");
  const plural = asked in COLLECTIONS ? asked : PLURALS[0];
  return html`<${Panel}
    title="Menu"
    lead="What orders stand on: the API shows it, and a test or this page changes it."
    actions=${companies.length > 1 &&
    html`<${Choice} label="Company" value=${company} onValue=${setCompany} choices=${companies.map(({ id: number, name }, index) => [index ? String(number) : "", `${number} ${name}`])} />`}
  >
    <${Tabs} current=${plural} />
    <${Kind} key=${`${plural} ${company}`} plural=${plural} id=${id} company=${company} />
  </${Panel}>`;
}
