// The world before and after an exchange, and a namespace with that state, on a server that keeps its changes.
import { call, get } from "../api.js";
import { html, useState } from "../html.js";
import { attempt, Body, Choice, Command, Field, Problem, say } from "../parts.js";
import { counted } from "../text.js";
import { download } from "./download.js";

const NAME = "[A-Za-z0-9._\\-]{1,64}";

const written = (value) => (value === undefined ? undefined : JSON.stringify(value));

function Value({ value, label }) {
  if (value === undefined) return html`<span class="nothing">nothing</span>`;
  return typeof value === "object" && value !== null ? html`<${Body} text=${written(value)} label=${label} />` : html`<code>${written(value)}</code>`;
}

function Difference({ path, before, after }) {
  return html`<li>
    <p class="difference"><code>${path}</code></p>
    <dl class="before-after">
      <div><dt>Before</dt><dd><${Value} value=${before} label="${path} before" /></dd></div>
      <div><dt>After</dt><dd><${Value} value=${after} label="${path} after" /></dd></div>
    </dl>
  </li>`;
}

function Differences({ differences, more }) {
  if (!differences.length && !more) return html`<p class="nothing">It changed nothing in this world.</p>`;
  return html`<ul class="differences" aria-label="What it changed">
      ${differences.map((one) => html`<${Difference} key=${one.path} ...${one} />`)}
    </ul>
    ${more > 0 && html`<p class="hint">${counted(more, "more difference")} not shown; the states below have all.</p>`}`;
}

function Changed({ position }) {
  const [state, setState] = useState({});
  const load = async () => {
    setState({ isLoading: true });
    try {
      setState({ value: await get(`changes/${position}`) });
    } catch (error) {
      setState({ error });
    }
  };
  return html`<${Problem} error=${state.error} />
    ${state.value
      ? html`<${Differences} ...${state.value} />`
      : html`<p class="in-line"><button type="button" class="small" disabled=${state.isLoading} onClick=${load}>${state.isLoading ? "Making both states again…" : "Show what it changed"}</button></p>`}`;
}

/** The positions whose state can be had, each with its name: one for a read, which changes nothing. */
function placesOf({ follows, change }) {
  return change === null ? [[follows, "then"]] : [[change, "after"], [change - 1, "before"]];
}

function Fork({ exchange }) {
  const places = placesOf(exchange);
  const [at, setAt] = useState(String(places[0][0]));
  const [name, setName] = useState("");
  const [made, setMade] = useState("");
  const fork = async (event) => {
    event.preventDefault();
    const isMade = await attempt(() => call("POST", `changes/${at}/fork`, { body: { namespace: name } }), `${name} is as it was then`);
    setMade(isMade ? name : "");
  };
  const save = () => attempt(() => download(`changes/${at}/state`, `fakekounta-state-${at}.json`), "Saved");
  return html`<form class="filters fork" aria-label="The state then" onSubmit=${fork}>
      <${Choice} label="State" value=${at} onValue=${setAt} choices=${places.map(([position, text]) => [String(position), `${text} (${position})`])} />
      <${Field} label="Namespace" value=${name} onValue=${setName} placeholder="before-the-bug" required pattern=${NAME} title="1 to 64 letters, digits, dots, dashes or underscores" />
      <button type="submit">Fork into it</button>
      <button type="button" onClick=${save}>Save as file</button>
    </form>
    <p class="hint">A fork replaces what the namespace has. Its clock runs on from the time that it showed then.</p>
    ${made && html`<p><a href="/_fakekounta/ns/${made}/#/customers">Open ${made}</a></p>`}`;
}

export function Travel({ exchange }) {
  const { follows, change } = exchange;
  return html`<section class="part travel">
    <h3>Before and after</h3>
    ${follows === null
      ? html`<p class="nothing">With its changes in a file, a server can show the world before and after each exchange:</p>
          <${Command} text="fakekounta serve --keep shop.db" />`
      : html`${change === null ? html`<p class="nothing">It was a read: it changed nothing.</p>` : html`<${Changed} position=${change} />`}
          <${Fork} exchange=${exchange} />`}
  </section>`;
}
