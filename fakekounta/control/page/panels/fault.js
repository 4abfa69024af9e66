// The form for a fault: a preset, limited to a method and a path, or any rule as JSON.
import { call } from "../api.js";
import { html, useId, useState } from "../html.js";
import { Choice, Dialog, Field, Problem, say } from "../parts.js";

/** Name, what it means, the rule, and the names of numbers that are asked for. */
export const PRESETS = [
  ["rate limited", "429 with the end of the minute in X-Ratelimit-Reset", { rate_limited: true, times: 1 }],
  ["lost answer", "The request is done, and the response is lost", { connection: "close", after_change: true, times: 1 }],
  ["expired token", "The access token of the next request has expired", { token_expired: true, times: 1 }],
  ["flaky", "Some requests are answered 503, always the same for a seed", { probability: 0.1, seed: 7, status: 503 }],
  ["slow", "Responses are delayed", { latency_seconds: 2 }],
  ["down", "Out of service: 503 for a minute of the fake’s clock", { status: 503, until: 60 }],
  ["connection reset", "The connection is reset before a response", { connection: "reset", times: 1 }],
  ["truncated body", "The response ends in the middle", { connection: "truncate", times: 1 }],
  ["garbage", "The response is not HTTP", { connection: "garbage", times: 1 }],
  ["dripping", "The response arrives slower than the client’s timeout", { connection: "drip", times: 1 }],
];

const written = (rule) => JSON.stringify(rule, null, 2);

export function ruleOf(preset, method, path) {
  const [, , rule] = PRESETS.find(([name]) => name === preset);
  return { ...(method ? { method } : {}), ...(path ? { path } : {}), ...rule };
}

function Json({ text, setText }) {
  const id = useId();
  return html`<div class="field">
    <label for=${id}>The rule</label>
    <textarea id=${id} rows="7" spellcheck=${false} value=${text} onInput=${(event) => setText(event.target.value)}></textarea>
    <p class="hint">Change any number. With nth, every, probability, times, client_id, since and until the rule fires for some matches only.</p>
  </div>`;
}

function useRule() {
  const [fields, setFields] = useState({ preset: PRESETS[0][0], method: "", path: "" });
  const [text, setText] = useState(written(PRESETS[0][2]));
  const set = (name) => (value) => {
    const next = { ...fields, [name]: value };
    setFields(next);
    setText(written(ruleOf(next.preset, next.method, next.path)));
  };
  return { fields, set, text, setText };
}

export function FaultDialog({ onClose, onChanged }) {
  const { fields, set, text, setText } = useRule();
  const [error, setError] = useState(null);
  const save = async (event) => {
    event.preventDefault();
    try {
      await call("POST", "faults", { text });
    } catch (refused) {
      return setError(refused);
    }
    say("The fault is active");
    onChanged();
    return onClose();
  };
  return html`<${Dialog} title="New fault" onClose=${onClose}>
    <form onSubmit=${save}>
      <${Problem} error=${error} />
      <${Choice} label="What goes wrong" value=${fields.preset} onValue=${set("preset")} choices=${PRESETS.map(([name, what]) => [name, `${name}: ${what}`])} />
      <div class="form-grid spaced">
        <${Choice} label="Method" value=${fields.method} onValue=${set("method")} choices=${[["", "any"], "GET", "POST", "PUT", "DELETE"]} />
        <${Field} label="Path" value=${fields.path} onValue=${set("path")} placeholder="any, or /customers/*" />
      </div>
      <${Json} text=${text} setText=${setText} />
      <div class="dialog-foot">
        <span class="stretch"></span>
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="primary">Add</button>
      </div>
    </form>
  </${Dialog}>`;
}
