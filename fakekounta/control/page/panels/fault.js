// The dialog for a fault: a ready-made rule, then a form for each field, and the rule as JSON for what is left.
import { call } from "../api.js";
import { html, useState } from "../html.js";
import { Choice, Confirmed, Dialog, Problem, say, TextArea } from "../parts.js";
import { FaultForm } from "./fault_form.js";
import { PRESETS } from "./fault_words.js";

const COUNTS = ["id", "matched", "fired"];
const written = (rule) => JSON.stringify(rule, null, 2);

/** The rule of a fault as the fake tells of it. */
const ruleOf = (fault) => Object.fromEntries(Object.entries(fault).filter(([name]) => !COUNTS.includes(name)));

/** What changes one rule into another: null takes a field away. */
const changes = (before, after) => ({ ...Object.fromEntries(Object.keys(before).map((name) => [name, null])), ...after });

function withPreset(name, { method, path }) {
  const rule = PRESETS.find(([preset]) => preset === name)?.[2] ?? {};
  const place = rule.handshake ? {} : { ...(method ? { method } : {}), ...(path ? { path } : {}) };
  return { ...place, ...rule };
}

/** `text` is what is written as JSON, and `rule` what it says, null while it says nothing. */
function useRule(before) {
  const [text, setText] = useState(written(before));
  let rule = null;
  try {
    rule = JSON.parse(text);
  } catch {
    // It is being written.
  }
  const isRule = rule !== null && typeof rule === "object" && !Array.isArray(rule);
  return { text, setText, rule: isRule ? rule : null, setRule: (next) => setText(written(next)) };
}

/** `fault` is the one to change, undefined for a new one. */
export function FaultDialog({ fault, onClose, onChanged, remove }) {
  const before = fault ? ruleOf(fault) : PRESETS[0][2];
  const [preset, setPreset] = useState(PRESETS[0][0]);
  const { text, setText, rule, setRule } = useRule(before);
  const [error, setError] = useState(null);
  const choose = (name) => {
    setPreset(name);
    setRule(withPreset(name, rule ?? {}));
  };
  const save = async (event) => {
    event.preventDefault();
    try {
      if (fault && !rule) throw new Error("The rule is not a JSON object");
      await (fault ? call("PUT", `faults/${fault.id}`, { body: changes(before, rule) }) : call("POST", "faults", { text }));
    } catch (refused) {
      return setError(refused);
    }
    say(fault ? `Fault ${fault.id} is changed` : "The fault is active");
    onChanged();
    return onClose();
  };
  return html`<${Dialog} title=${fault ? `Fault ${fault.id}` : "New fault"} onClose=${onClose}>
    <form onSubmit=${save}>
      <${Problem} error=${error} />
      ${!fault && html`<${Choice} label="What goes wrong" value=${preset} onValue=${choose} choices=${PRESETS.map(([name, what]) => [name, `${name}: ${what}`])} />`}
      ${rule ? html`<${FaultForm} rule=${rule} onRule=${setRule} />` : html`<p class="hint spaced">The form is back as soon as the rule is JSON again.</p>`}
      <details class="spaced">
        <summary>As JSON</summary>
        <${TextArea} label="The rule" rows="7" value=${text} onValue=${setText} />
      </details>
      <div class="dialog-foot">
        <span class="stretch"></span>
        ${fault && html`<${Confirmed} label="Remove" question="Really remove?" onConfirm=${() => (remove(fault.id), onClose())} />`}
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="primary">${fault ? "Save" : "Add"}</button>
      </div>
    </form>
  </${Dialog}>`;
}
