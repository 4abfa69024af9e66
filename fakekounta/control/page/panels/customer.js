// The form for one customer: add, change, delete.
import { call, get } from "../api.js";
import { CUSTOMER } from "../fields.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Check, Confirmed, Dialog, Field, Problem, say } from "../parts.js";

const INPUT_MODES = { Email: "email", Phone: "tel" };
const ADDRESSES = CUSTOMER.filter((field) => field.kind === "Nested");
const FLAGS = CUSTOMER.filter((field) => field.kind === "Flag");
const INPUTS = CUSTOMER.filter((field) => field.kind !== "Nested" && field.kind !== "Flag");

/** What the form shows of each kind of field: a text, of a flag a boolean, of an address an object of texts. */
const SHOWN = {
  Flag: (value) => value ?? false,
  Texts: (value) => (value ?? []).join(", "),
  Private: (value, field, clientId) => value?.[clientId] ?? "",
  Nested: (value, field) => Object.fromEntries(field.parts.map(({ key }) => [key, value?.[key] ?? ""])),
};

/** What is sent of each kind of field. */
const SENT = {
  Flag: (shown) => shown,
  Texts: (shown) => shown.split(",").map((text) => text.trim()).filter(Boolean),
  Nested: (shown) => {
    const parts = Object.entries(shown).filter(([, text]) => text);
    return parts.length ? Object.fromEntries(parts) : null;
  },
};

const showText = (value) => value ?? "";
const sendText = (shown, field) => (field.nullable ? shown || null : shown);

/** What the fields of the form show of a customer. */
export function fieldsOf(customer, clientId) {
  const shown = (field) => (SHOWN[field.kind] ?? showText)(customer[field.name], field, clientId);
  return Object.fromEntries(CUSTOMER.map((field) => [field.key, shown(field)]));
}

/** The body of a control call: the fields in which the form differs from what it began with. */
export function changes(before, after) {
  const changed = CUSTOMER.filter(({ key }) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(changed.map((field) => [field.key, (SENT[field.kind] ?? sendText)(after[field.key], field)]));
}

function Inputs({ fields, values, set }) {
  return html`<div class="form-grid">
    ${fields.map(
      ({ key, label, hint, kind }) => html`<${Field} key=${key} label=${label} hint=${hint} value=${values[key]}
        inputmode=${INPUT_MODES[kind]} onValue=${set(key)} />`,
    )}
  </div>`;
}

function AddressFields({ field, value, onValue }) {
  const set = (part) => (text) => onValue({ ...value, [part]: text });
  return html`<details open=${Object.values(value).some(Boolean)}>
    <summary>${field.label}</summary>
    <fieldset>
      <legend>${field.label}</legend>
      <${Inputs} fields=${field.parts} values=${value} set=${set} />
    </fieldset>
  </details>`;
}

function Form({ fields, set }) {
  const form = useRef(null);
  useEffect(() => form.current.querySelector("input").focus(), []);
  return html`<div ref=${form}>
    <${Inputs} fields=${INPUTS} values=${fields} set=${set} />
    ${ADDRESSES.map(
      (field) => html`<${AddressFields} key=${field.key} field=${field} value=${fields[field.key]} onValue=${set(field.key)} />`,
    )}
    ${FLAGS.map(
      ({ key, label }) => html`<${Check} key=${key} label=${label} checked=${fields[key]} onChecked=${set(key)} />`,
    )}
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
