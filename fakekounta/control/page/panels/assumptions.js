// The panel of assumptions: choices where the behaviour of the real API is not documented.
import { call, get } from "../api.js";
import { html } from "../html.js";
import { useLive } from "../live.js";
import { attempt, Panel, Pill, Problem, Statement } from "../parts.js";
import { counted } from "../text.js";

const load = (signal) => get("assumptions", {}, { signal });
const isChanged = (one) => one.chosen !== one.choices[0].name;

function Alternative({ assumption, choice, isDefault, choose }) {
  const checked = assumption.chosen === choice.name;
  return html`<label class="alternative ${checked ? "chosen" : ""}">
    <input type="radio" name=${assumption.id} value=${choice.name} checked=${checked} onChange=${() => choose(assumption.id, choice.name)} />
    <span><code>${choice.name}</code> <${Statement} text=${choice.meaning} />${isDefault && html`<small> (default)</small>`}</span>
  </label>`;
}

function Assumption({ assumption, choose }) {
  return html`<fieldset class="card assumption">
    <legend>${assumption.id}: ${assumption.statement}</legend>
    <p class="question" aria-hidden="true">
      <a href="#/quirks/${assumption.id}" tabindex="-1">${assumption.id}</a> <${Statement} text=${assumption.statement} />
      ${isChanged(assumption) && html` <${Pill} tone="warn">changed</${Pill}>`}
    </p>
    <div class="alternatives">
      ${assumption.choices.map(
        (choice, index) => html`<${Alternative} key=${choice.name} assumption=${assumption} choice=${choice} isDefault=${index === 0} choose=${choose} />`,
      )}
    </div>
  </fieldset>`;
}

export function Assumptions() {
  const { value, error, refresh } = useLive(load, 3, []);
  const assumptions = value ?? [];
  const changed = assumptions.filter(isChanged);
  const put = (body, done) => attempt(() => call("PUT", "assumptions", { body }), done).then(refresh);
  const choose = (id, name) => put({ [id]: name }, `${id} is now ${name}`);
  const restore = () => put(Object.fromEntries(changed.map((one) => [one.id, one.choices[0].name])), "All assumptions have their defaults");
  const lead = changed.length ? `${counted(changed.length, "choice")} changed of ${assumptions.length}` : `${counted(assumptions.length, "choice")}, all as by default`;
  return html`<${Panel}
    title="Assumptions"
    lead=${value ? lead : "…"}
    actions=${html`<button type="button" disabled=${!changed.length} onClick=${restore}>Defaults</button>`}
  >
    <${Problem} error=${error} />
    <p class="card-text">Nobody documents these. Change one, run your tests, and see whether your code depends on it. A change applies from the next request on.</p>
    <div class="cards wide" data-filled>
      ${assumptions.map((one) => html`<${Assumption} key=${one.id} assumption=${one} choose=${choose} />`)}
    </div>
  </${Panel}>`;
}
