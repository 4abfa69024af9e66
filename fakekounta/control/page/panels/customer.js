// The form for one customer: add, change, delete.
import { call, get } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Check, Confirmed, Dialog, Field, Problem, say } from "../parts.js";

const TEXTS = [
  ["first_name", "First name", {}],
  ["last_name", "Last name", {}],
  ["email", "Email", { inputmode: "email" }],
  ["phone", "Phone", { inputmode: "tel" }],
  ["mobile", "Mobile", { inputmode: "tel" }],
  ["image", "Image address", {}],
];
const ADDRESSES = [
  ["primary_address", "Primary address"],
  ["shipping_address", "Shipping address"],
];
const PARTS = [
  ["address", "Street"],
  ["city", "City"],
  ["state", "State"],
  ["postal_code", "Postcode"],
  ["country", "Country code"],
];

const linesOf = (address) => Object.fromEntries(PARTS.map(([part]) => [part, address?.[part] ?? ""]));

/** What the fields of the form show of a customer, all of it text but the check box. */
export function fieldsOf(customer, clientId) {
  return {
    ...Object.fromEntries(TEXTS.map(([name]) => [name, customer[name] ?? ""])),
    tags: (customer.tags ?? []).join(", "),
    reference_id: customer.reference_ids?.[clientId] ?? "",
    accepts_marketing: customer.accepts_marketing ?? false,
    ...Object.fromEntries(ADDRESSES.map(([name]) => [name, linesOf(customer[name])])),
  };
}

function valueOf(name, field) {
  if (name === "tags") return field.split(",").map((tag) => tag.trim()).filter(Boolean);
  if (name === "accepts_marketing" || name === "reference_id" || name.endsWith("_name")) return field;
  if (!name.endsWith("_address")) return field || null;
  const parts = Object.entries(field).filter(([, text]) => text);
  return parts.length ? Object.fromEntries(parts) : null;
}

/** The body of a control call: the fields in which the form differs from what it began with. */
export function changes(before, after) {
  const changed = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, valueOf(name, after[name])]));
}

function AddressFields({ title, value, onValue }) {
  return html`<fieldset>
    <legend>${title}</legend>
    <div class="form-grid">
      ${PARTS.map(
        ([part, label]) => html`<${Field} key=${part} label=${label} value=${value[part]}
          placeholder=${part === "country" ? "AU" : ""} onValue=${(text) => onValue({ ...value, [part]: text })} />`,
      )}
    </div>
  </fieldset>`;
}

function Form({ fields, set }) {
  const form = useRef(null);
  useEffect(() => form.current.querySelector("input").focus(), []);
  return html`<div ref=${form}>
    <div class="form-grid">
      ${TEXTS.map(([name, label, rest]) => html`<${Field} key=${name} label=${label} value=${fields[name]} onValue=${set(name)} ...${rest} />`)}
      <${Field} label="Tags" value=${fields.tags} onValue=${set("tags")} hint="Separated by commas" />
      <${Field} label="Reference id" value=${fields.reference_id} onValue=${set("reference_id")} hint="Of the company’s first application" />
    </div>
    ${ADDRESSES.map(
      ([name, title]) => html`<details key=${name} open=${Object.values(fields[name]).some(Boolean)}>
        <summary>${title}</summary>
        <${AddressFields} title=${title} value=${fields[name]} onValue=${set(name)} />
      </details>`,
    )}
    <${Check} label="Accepts marketing" checked=${fields.accepts_marketing} onChecked=${set("accepts_marketing")} />
  </div>`;
}

function Buttons({ isNew, announce, setAnnounce, remove, onClose }) {
  return html`<div class="dialog-foot">
    <${Check} label="Send webhooks" checked=${announce} onChecked=${setAnnounce} />
    <span class="stretch"></span>
    ${!isNew && html`<${Confirmed} label="Delete" question="Really delete?" onConfirm=${remove} />`}
    <button type="button" onClick=${onClose}>Cancel</button>
    <button type="submit" class="primary">${isNew ? "Add" : "Save"}</button>
  </div>`;
}

async function load(id, company) {
  const [customer, settings] = await Promise.all([
    id === "new" ? {} : get(`customers/${encodeURIComponent(id)}`, { company_id: company }),
    get("settings"),
  ]);
  const companyId = Number(company) || settings.companies[0].id;
  const first = settings.applications.find((one) => one.company_id === companyId);
  return fieldsOf(customer, first?.client_id);
}

function useFields(id, company, fail) {
  const [before, setBefore] = useState(null);
  const [fields, setFields] = useState(null);
  useEffect(() => {
    load(id, company).then((found) => (setBefore(found), setFields(found)), fail);
  }, []);
  return [before, fields, (name) => (value) => setFields((now) => ({ ...now, [name]: value }))];
}

export function CustomerDialog({ id, company, onClose, onChanged }) {
  const isNew = id === "new";
  const [error, setError] = useState(null);
  const [announce, setAnnounce] = useState(false);
  const [before, fields, set] = useFields(id, company, setError);
  const run = async (method, path, body, done) => {
    try {
      await call(method, path, { query: { company_id: company, announce }, body });
    } catch (refused) {
      return setError(refused);
    }
    say(done);
    onChanged();
    return onClose();
  };
  const save = (event) => {
    event.preventDefault();
    const body = changes(before, fields);
    return isNew ? run("POST", "customers", body, "Customer added") : run("PUT", `customers/${id}`, body, "Customer saved");
  };
  return html`<${Dialog} title=${isNew ? "New customer" : `Customer ${id}`} onClose=${onClose}>
    <form onSubmit=${save}>
      <${Problem} error=${error} />
      ${fields && html`<${Form} fields=${fields} set=${set} />`}
      ${fields && html`<${Buttons} isNew=${isNew} announce=${announce} setAnnounce=${setAnnounce}
        remove=${() => run("DELETE", `customers/${id}`, {}, "Customer deleted")} onClose=${onClose} />`}
    </form>
  </${Dialog}>`;
}
