// The components of the panels.
import { copy } from "./clipboard.js";
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "./html.js";
import { breakable, partsOfJson, pretty } from "./text.js";

const listeners = new Set();

/** Shows a short message, which screen readers announce. `tone` is "good" or "bad". */
export function say(text, tone = "good") {
  for (const listener of listeners) listener({ text, tone });
}

export function Messages() {
  const [message, setMessage] = useState(null);
  useEffect(() => {
    listeners.add(setMessage);
    return () => listeners.delete(setMessage);
  }, []);
  useEffect(() => {
    if (!message) return undefined;
    const timer = setTimeout(() => setMessage(null), message.tone === "bad" ? 12_000 : 4_000);
    return () => clearTimeout(timer);
  }, [message]);
  return html`<div class="messages" role="status">
    ${message && html`<p class="message ${message.tone}">${message.text}</p>`}
  </div>`;
}

/** Runs the action of a button and shows the result. Resolves to whether it succeeded. */
export async function attempt(action, done) {
  try {
    await action();
    if (done) say(done);
    return true;
  } catch (error) {
    say(error.message, "bad");
    return false;
  }
}

export function Panel({ title, lead, actions, children }) {
  useEffect(() => {
    document.title = `${title} · fakekounta`;
  }, [title]);
  return html`<div class="panel">
    <div class="panel-head">
      <div>
        <h1 id="title" tabindex="-1">${title}</h1>
        ${lead && html`<p class="lead">${lead}</p>`}
      </div>
      <div class="actions">${actions}</div>
    </div>
    ${children}
  </div>`;
}

export function Problem({ error }) {
  return error && html`<p class="problem" role="alert">${error.message}</p>`;
}

export function Empty({ title, children, command, button }) {
  return html`<div class="empty">
    <p class="empty-title">${title}</p>
    <div class="empty-text">${children}</div>
    ${command && html`<${Command} text=${command} />`}
    ${button && html`<p class="actions">${button}</p>`}
  </div>`;
}

export function Command({ text, label = "Copy" }) {
  return html`<div class="command">
    <pre tabindex="0" aria-label="Command"><${Breakable} text=${text} /></pre>
    <${CopyButton} text=${text} label=${label} />
  </div>`;
}

export function CopyButton({ text, label }) {
  return html`<button type="button" class="small" onClick=${() => attempt(() => copy(text), "Copied")}>${label}</button>`;
}

export function Pill({ tone = "", children, title }) {
  return html`<span class="pill ${tone}" title=${title}>${children}</span>`;
}

export const toneOfStatus = (status) => (status >= 400 || !status ? (status >= 500 || !status ? "bad" : "warn") : "good");

/** A sentence of the catalogue; text in backticks is shown as code. */
export const Statement = ({ text = "" }) => html`<span>${text.split("`").map((part, index) => (index % 2 ? html`<code>${part}</code>` : part))}</span>`;

/** A body: JSON indented and coloured, anything else as it is. */
export function Body({ text, label }) {
  if (!text) return html`<p class="nothing">No body</p>`;
  const parts = text.length > 200_000 ? [["", text]] : partsOfJson(pretty(text));
  return html`<pre class="body" tabindex="0" role="region" aria-label=${label}>
    ${parts.map(([kind, part]) => (kind ? html`<span class="json-${kind}">${part}</span>` : part))}
  </pre>`;
}

export function Headers({ headers, label }) {
  return html`<table class="headers" aria-label=${label}>
    <tbody>
      ${Object.entries(headers).map(
        ([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td>${value}</td></tr>`,
      )}
    </tbody>
  </table>`;
}

/** A button that must be pressed twice. */
export function Confirmed({ label, question, onConfirm, tone = "danger", small = false }) {
  const [asking, setAsking] = useState(false);
  const press = () => {
    if (asking) onConfirm();
    setAsking(!asking);
  };
  return html`<button
    type="button"
    class="${tone} ${asking ? "asking" : ""} ${small ? "small" : ""}"
    onClick=${press}
    onBlur=${() => setAsking(false)}
  >
    ${asking ? question : label}
  </button>`;
}

/** A modal dialog; Escape and the cross close it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown.showModal();
    shown.querySelector("h2").focus();
    return () => shown.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${dialog} aria-labelledby=${id} onCancel=${cancel}>
    <div class="dialog-head">
      <h2 id=${id} tabindex="-1">${title}</h2>
      <button type="button" class="quiet icon" aria-label="Close" onClick=${onClose}>✕</button>
    </div>
    ${children}
  </dialog>`;
}

/** A labelled input; `onValue` gets its text. */
export function Field({ label, hint, value, onValue, ...rest }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      value=${value}
      autocomplete="off"
      spellcheck=${false}
      aria-describedby=${hint ? `${id}-hint` : undefined}
      onInput=${(event) => onValue(event.target.value)}
      ...${rest}
    />
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** A labelled text of several lines. */
export function TextArea({ label, hint, value, onValue, ...rest }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <textarea id=${id} spellcheck=${false} value=${value} aria-describedby=${hint ? `${id}-hint` : undefined}
      onInput=${(event) => onValue(event.target.value)} ...${rest}></textarea>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** What to press: a key where there is a keyboard, the button's name elsewhere. */
export const Press = ({ button }) =>
  html`<span class="by-key">Press <kbd>n</kbd></span><span class="by-touch">Use <strong>${button}</strong></span>`;

/** A text that may break between its parts only: see `breakable`. */
export const Breakable = ({ text }) => breakable(text).map((part, index) => html`${index > 0 && html`<wbr />`}${part}`);

/** A labelled choice; `choices` are [value, text] or texts. */
export function Choice({ label, value, onValue, choices }) {
  const id = useId();
  const pairs = choices.map((one) => (Array.isArray(one) ? one : [one, one]));
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${(event) => onValue(event.target.value)}>
      ${pairs.map(([name, text]) => html`<option key=${name} value=${name} selected=${name === value}>${text}</option>`)}
    </select>
  </div>`;
}

export function Check({ label, checked, onChecked }) {
  return html`<label class="check">
    <input type="checkbox" checked=${checked} onChange=${(event) => onChecked(event.target.checked)} />
    <span>${label}</span>
  </label>`;
}
