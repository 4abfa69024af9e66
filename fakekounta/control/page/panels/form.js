// A form for a record, made of the declarations of its fields in fields.js.
import { html } from "../html.js";
import { Check, Choice, Field } from "../parts.js";

const INPUT_MODES = { Email: "email", Phone: "tel", Whole: "numeric", Reference: "numeric", Amount: "decimal", Number: "decimal" };
const NUMBERS = ["Whole", "Reference", "Amount", "Number"];
const NESTED = ["Nested", "Parts", "Many"];
const FIRST = 12; // inputs beside each other; the others are folded
const HINTED = 6;

const listOf = (shown) => shown.split(",").map((text) => text.trim()).filter(Boolean);
const numberOf = (text) => (text === "" || Number.isNaN(Number(text)) ? text : Number(text)); // another text is refused by the fake
const emptied = (field, empty) => (field.nullable ? null : empty);

/** What the form shows of a value of each kind: a text; of a flag a boolean; of an object, or each of several, an object. */
const SHOWN = {
  Flag: (value, field) => value ?? field.absent ?? false,
  Texts: (value) => (value ?? []).join(", "),
  Wholes: (value) => (value ?? []).join(", "),
  References: (value) => (value ?? []).join(", "),
  Private: (value, field, clientId) => value?.[clientId] ?? "",
  Nested: (value, field) => shownOf(field.parts, value ?? {}),
  Parts: (value, field) => (value ?? []).map((one) => shownOf(field.parts, one)),
  Many: (value, field) => (value ?? []).map((one) => shownOf(field.parts, one)),
};

/** Each makes the value that a call sends from what the form shows, by kind. */
const SENT = {
  Flag: (shown) => shown,
  Texts: listOf,
  Wholes: (shown) => listOf(shown).map(numberOf),
  References: (shown, field) => (shown.trim() ? listOf(shown).map(numberOf) : emptied(field, [])),
  Nested: (shown, field) => sentParts(field.parts, shown),
  Parts: (shown, field) => sentRows(shown, field),
  Many: (shown, field) => sentRows(shown, field),
};
for (const kind of NUMBERS) SENT[kind] = (shown) => (shown.trim() ? numberOf(shown.trim()) : null);

const showText = (value, field) => String(value ?? field.absent ?? "");
const sendText = (shown, field) => (shown ? shown : emptied(field, ""));
const sentOf = (field, shown) => (SENT[field.kind] ?? sendText)(shown, field);

function sentParts(parts, shown) {
  const given = parts.filter((part) => part.kind === "Flag" || shown[part.key]?.length);
  return given.some((part) => part.kind !== "Flag") ? Object.fromEntries(given.map((part) => [part.key, sentOf(part, shown[part.key])])) : null;
}

const sentRows = (shown, field) => (shown.length ? shown.map((one) => sentParts(field.parts, one) ?? {}) : emptied(field, []));

/** `set` of `Fields`, for values in a state of the component. */
export const setting = (setValues) => (key) => (value) => setValues((now) => ({ ...now, [key]: value }));

/** What the inputs show of a record, by key. */
export function shownOf(fields, record, clientId) {
  return Object.fromEntries(fields.map((field) => [field.key, (SHOWN[field.kind] ?? showText)(record[field.name], field, clientId)]));
}

/** The body of a call: the fields in which the form differs from what it began with. */
export function changes(fields, before, after) {
  const changed = fields.filter(({ key }) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(changed.map((field) => [field.key, sentOf(field, after[field.key])]));
}

/** What the input for several ids says: the ids that there are, with their names. */
function hintOf({ key }, records = []) {
  const offered = key.startsWith("modifier") ? records.filter(({ isModifier }) => isModifier) : records;
  const known = offered.slice(0, HINTED).map(({ id, name }) => `${id} ${name}`);
  return `Ids, with commas${known.length ? `: ${known.join(", ")}` : ""}${offered.length > HINTED ? " …" : ""}`;
}

function Input({ field, value, onValue, choices }) {
  const { label, hint, kind, options, plural, required } = field;
  const records = choices?.[plural];
  if (options) return html`<${Choice} label=${label} value=${value} onValue=${onValue} choices=${[...(field.absent || required ? [] : [["", "as by default"]]), ...options]} />`;
  if (records && NUMBERS.includes(kind)) {
    return html`<${Choice} label=${label.replace(/ id$/, "")} value=${value} onValue=${onValue} choices=${[["", required ? "choose …" : "none"], ...records.map(({ id, name }) => [String(id), name])]} />`;
  }
  const several = kind === "References" || kind === "Wholes" ? hintOf(field, records) : "";
  return html`<${Field} label=${label} hint=${hint || several} value=${value} inputmode=${INPUT_MODES[kind]} required=${required} onValue=${onValue} />`;
}

function Inputs({ fields, values, set, choices }) {
  return html`<div class="form-grid">
    ${fields.map((field) => html`<${Input} key=${field.key} field=${field} value=${values[field.key]} onValue=${set(field.key)} choices=${choices} />`)}
  </div>`;
}

function Part({ field, value, onValue, choices }) {
  const set = (part) => (one) => onValue({ ...value, [part]: one });
  return html`<details open=${Object.values(value).some((one) => one && one !== true)}>
    <summary>${field.label}</summary>
    <fieldset>
      <legend>${field.label}</legend>
      <${Fields} fields=${field.parts} values=${value} set=${set} choices=${choices} />
    </fieldset>
  </details>`;
}

function Rows({ field, value, onValue, choices }) {
  const { label, parts } = field;
  const change = (index, one) => onValue(value.map((before, at) => (at === index ? one : before)));
  return html`<section class="part several" aria-label=${label}>
    <h3>${label}</h3>
    ${value.map(
      (one, index) => html`<fieldset key=${index} class="one-of-several">
        <legend>${label} ${index + 1}</legend>
        <${Fields} fields=${parts} values=${one} set=${(key) => (shown) => change(index, { ...one, [key]: shown })} choices=${choices} first=${4} isOrdered isInner />
        <p><button type="button" class="small" onClick=${() => onValue(value.filter((_, at) => at !== index))}>Remove<span class="unseen"> ${label.toLowerCase()} ${index + 1}</span></button></p>
      </fieldset>`,
    )}
    <p><button type="button" class="small" onClick=${() => onValue([...value, shownOf(parts, {})])}>Add<span class="unseen"> to ${label.toLowerCase()}</span></button></p>
  </section>`;
}

/** What must be given, and what belongs to other records, comes first. */
const weight = ({ required, plural, kind }) => (required ? 0 : plural ? 1 : kind === "Amount" ? 2 : 3);

/**
 * `set(key)` is called with what an input shows; `choices` are the records that the fields refer to, by collection. Those
 * of `isInner` fold all but the first inputs.
 */
export function Fields({ fields, values, set, choices, first = FIRST, isOrdered = false, isInner = false }) {
  const inputs = fields.filter(({ kind }) => !NESTED.includes(kind) && kind !== "Flag");
  const ordered = isOrdered ? inputs.toSorted((one, other) => weight(one) - weight(other)) : inputs;
  const [shown, folded] = [ordered.slice(0, first), ordered.slice(first)];
  const of = (wanted) => (field) => html`<${wanted} key=${field.key} field=${field} value=${values[field.key]} onValue=${set(field.key)} choices=${choices} />`;
  const rows = fields.filter(({ kind }) => kind === "Parts" || kind === "Many").map(of(Rows));
  return html`
    <${Inputs} fields=${shown} values=${values} set=${set} choices=${choices} />
    ${!isInner && rows}
    ${folded.length > 0 && html`<details><summary>More fields</summary><${Inputs} fields=${folded} values=${values} set=${set} choices=${choices} />${isInner && rows}</details>`}
    ${fields.filter(({ kind }) => kind === "Nested").map(of(Part))}
    <div class="flags">
      ${fields.filter(({ kind }) => kind === "Flag").map(({ key, label }) => html`<${Check} key=${key} label=${label} checked=${values[key]} onChecked=${set(key)} />`)}
    </div>`;
}
