// The fake's time, ticking at the rate of the fake's clock.
import { get } from "./api.js";
import { html, useEffect, useState } from "./html.js";
import { useLive } from "./live.js";
import { moment } from "./text.js";

const load = async (signal) => ({ ...(await get("clock", {}, { signal })), seenAt: performance.now() });

/** The clock: {now, frozen, rate} from the fake, and `shown`, the fake's time at this moment, as ISO text. */
export function useClock(seconds) {
  const { value, error, refresh } = useLive(load, seconds, []);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && tick((number) => number + 1), 250);
    return () => clearInterval(timer);
  }, []);
  if (!value) return { clock: null, error, refresh };
  const passed = value.frozen ? 0 : (performance.now() - value.seenAt) * value.rate;
  const shown = new Date(Date.parse(value.now) + passed);
  return { clock: { ...value, shown: Number.isNaN(shown.getTime()) ? value.now : shown.toISOString() }, error, refresh };
}

export function ClockChip() {
  const { clock, error } = useClock(3);
  if (error) return html`<span class="chip bad">not reachable</span>`;
  const state = clock && (clock.frozen ? "stopped" : clock.rate === 1 ? "" : `× ${clock.rate}`);
  return html`<a class="chip" href="#/clock" title="The fake's clock, UTC" aria-label="The fake's clock">
    <span class="dot ${clock?.frozen ? "still" : ""}"></span>
    <time>${clock ? moment(clock.shown) : ""}</time><small>UTC</small>${state && html`<span class="chip-note">${state}</span>`}
  </a>`;
}
