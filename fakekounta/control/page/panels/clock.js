// The panel of the clock: freeze, advance, set and speed up the fake's time.
import { call, get } from "../api.js";
import { useClock } from "../chip.js";
import { html, useState } from "../html.js";
import { useOnce } from "../once.js";
import { attempt, Field, Panel, Problem } from "../parts.js";
import { moment } from "../text.js";

const STEPS = [
  ["+1 minute", 60],
  ["+1 hour", 3_600],
  ["+1 day", 86_400],
];

const loadSettings = (signal) => get("settings", {}, { signal });

function inZone(iso, timezone) {
  const options = { timeZone: timezone, dateStyle: "full", timeStyle: "medium", hourCycle: "h23" };
  return new Intl.DateTimeFormat("en-AU", options).format(new Date(iso));
}

function stateOf({ frozen, rate }) {
  if (frozen) return "stopped";
  return rate === 1 ? "running" : `running ${rate} times as fast`;
}

function Face({ clock, company }) {
  return html`<div class="card face">
    <p class="now" data-filled><time>${clock ? moment(clock.shown) : "…"}</time> <small>UTC</small></p>
    <p class="lead">
      ${clock && html`<span class="dot ${clock.frozen ? "still" : ""}"></span> <span data-clock-state>${stateOf(clock)}</span>`}
      ${clock && company && html`<span> · ${inZone(clock.shown, company.timezone)} in ${company.timezone}</span>`}
    </p>
  </div>`;
}

function Form({ title, text, button, onSubmit, children }) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit();
  };
  return html`<form class="card" onSubmit=${submit}>
    <h2>${title}</h2>
    <p class="card-text">${text}</p>
    <div class="in-line">${children}<button type="submit">${button}</button></div>
  </form>`;
}

/** Texts without an offset are meant in UTC. */
export const withOffset = (text) => (/(?:[zZ]|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`).replace(" ", "T");

function Moves({ put }) {
  const [seconds, setSeconds] = useState("61");
  return html`<${Form} title="Advance" text="Tokens expire, rate limits end and retries become due, without waiting." button="Advance"
    onSubmit=${() => put({ advance_seconds: Number(seconds) }, `${seconds} seconds later`)}>
    <div class="steps">
      ${STEPS.map(([label, step]) => html`<button key=${label} type="button" onClick=${() => put({ advance_seconds: step }, label)}>${label}</button>`)}
    </div>
    <${Field} label="Seconds" value=${seconds} onValue=${setSeconds} inputmode="decimal" />
  </${Form}>`;
}

function Settings({ clock, put }) {
  const [now, setNow] = useState("");
  const [rate, setRate] = useState("60");
  return html`<${Form} title="Set the time" text="Such as 2026-07-01 09:00+10:00; UTC without an offset. The clock runs on from there, or stays there if it is frozen." button="Set"
      onSubmit=${() => put({ now: withOffset(now || moment(clock.shown)) }, "The clock is set")}>
      <${Field} label="Date and time" value=${now} onValue=${setNow} placeholder=${clock ? moment(clock.shown).slice(0, 17) + "00" : ""} />
    </${Form}>
    <${Form} title="Run faster or slower" text="Fake seconds in a real second." button="Run"
      onSubmit=${() => put({ rate: Number(rate), frozen: false }, `Running ${rate} times as fast`)}>
      <${Field} label="Rate" value=${rate} onValue=${setRate} inputmode="decimal" />
    </${Form}>`;
}

export function Clock() {
  const { clock, error, refresh } = useClock(1);
  const { value: settings } = useOnce(loadSettings, []);
  const put = (body, done) => attempt(() => call("PUT", "clock", { body }), done).then(refresh);
  const turn = clock?.frozen
    ? html`<button type="button" class="primary" onClick=${() => put({ frozen: false }, "The clock runs")}>Resume</button>`
    : html`<button type="button" class="primary" onClick=${() => put({ frozen: true }, "The clock is frozen")}>Freeze</button>`;
  return html`<${Panel} title="Clock" lead="Dates in records, tokens, rate limits, retries and faults use this time." actions=${turn}>
    <${Problem} error=${error} />
    <${Face} clock=${clock} company=${settings?.companies[0]} />
    <div class="cards">
      <${Moves} put=${put} />
      <${Settings} clock=${clock} put=${put} />
    </div>
  </${Panel}>`;
}
