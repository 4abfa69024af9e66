// The dialog for one record of any kind: add, change, delete.
import { call, get } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Check, Confirmed, Dialog, Problem, say } from "../parts.js";
import { changes, Fields, setting, shownOf } from "./form.js";
import { loadReferred } from "./referred.js";

function Buttons({ isNew, announce, setAnnounce, remove, onClose }) {
  return html`<div class="dialog-foot">
    <${Check} label="Send webhooks" checked=${announce} onChecked=${setAnnounce} />
    <span class="stretch"></span>
    ${!isNew && html`<${Confirmed} label="Delete" question="Really delete?" onConfirm=${remove} />`}
    <button type="button" onClick=${onClose}>Cancel</button>
    <button type="submit" class="primary">${isNew ? "Add" : "Save"}</button>
  </div>`;
}

async function load({ plural, fields, id, company }) {
  const [record, settings, choices] = await Promise.all([
    id === "new" ? {} : get(`${plural}/${encodeURIComponent(id)}`, { company_id: company }),
    get("settings"),
    loadReferred(fields, company),
  ]);
  const companyId = Number(company) || settings.companies[0].id;
  const first = settings.applications.find((one) => one.company_id === companyId);
  return { before: shownOf(fields, record, first?.client_id), choices };
}

function useRecord(about, fail) {
  const [loaded, setLoaded] = useState(null);
  const [values, setValues] = useState(null);
  useEffect(() => {
    load(about).then((found) => (setLoaded(found), setValues(found.before)), fail);
  }, []);
  return { ...loaded, values, set: setting(setValues) };
}

function Form({ fields, values, set, choices }) {
  const form = useRef(null);
  useEffect(() => form.current.querySelector("input, select").focus(), []);
  return html`<div ref=${form}><${Fields} fields=${fields} values=${values} set=${set} choices=${choices} isOrdered=${fields.length > 15} /></div>`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** `noun` is the name of one record, `plural` that of the collection, `id` the id of the record or "new". */
export function RecordDialog({ noun, plural, fields, id, company, onClose, onChanged }) {
  const isNew = id === "new";
  const [error, setError] = useState(null);
  const [announce, setAnnounce] = useState(false);
  const { before, choices, values, set } = useRecord({ plural, fields, id, company }, setError);
  const run = async (method, path, body, done) => {
    try {
      await call(method, path, { query: { company_id: company, announce }, body });
    } catch (refused) {
      return setError(refused);
    }
    say(`${capital(noun)} ${done}`);
    onChanged();
    return onClose();
  };
  const save = (event) => {
    event.preventDefault();
    const body = changes(fields, before, values);
    return isNew ? run("POST", plural, body, "added") : run("PUT", `${plural}/${id}`, body, "saved");
  };
  return html`<${Dialog} title=${isNew ? `New ${noun}` : `${capital(noun)} ${id}`} onClose=${onClose}>
    <form onSubmit=${save} novalidate>
      <${Problem} error=${error} />
      ${values && html`<${Form} fields=${fields} values=${values} set=${set} choices=${choices} />`}
      ${values && html`<${Buttons} isNew=${isNew} announce=${announce} setAnnounce=${setAnnounce}
        remove=${() => run("DELETE", `${plural}/${id}`, {}, "deleted")} onClose=${onClose} />`}
    </form>
  </${Dialog}>`;
}
