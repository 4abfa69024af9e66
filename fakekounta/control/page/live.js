// Values that follow the fake: requested again and again, but not while the tab is hidden.
import { useEffect, useRef, useState } from "./html.js";

const LONGEST_MS = 5_000;

const visible = () =>
  new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener("visibilitychange", resolve, { once: true });
  });

/** Resolves after the time, as soon as `wake.now` is called, or at once if it was called while nobody was waiting. */
const pause = (wake, milliseconds) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, wake.asked ? 0 : milliseconds);
    wake.asked = false;
    wake.now = () => {
      clearTimeout(timer);
      resolve();
    };
  });

async function follow({ load, seconds, signal, wake, tell }) {
  let value;
  let failures = 0;
  while (!signal.aborted) {
    await visible();
    wake.now = () => (wake.asked = true);
    const began = performance.now();
    try {
      value = await load(signal, value);
      if (signal.aborted) return;
      failures = 0;
      tell({ value, error: null });
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      tell({ value, error });
    }
    // Ask a slow fake less often, and an unreachable one even less.
    const patience = Math.max(seconds * 1_000 * 2 ** failures, 10 * (performance.now() - began));
    await pause(wake, Math.min(patience, LONGEST_MS));
  }
}

/**
 * What `load(signal, before)` gives, anew every `seconds` and whenever `inputs` change.
 * `value` is undefined until the first response; `error` is that of the last request; `refresh` requests it now.
 */
export function useLive(load, seconds, inputs) {
  const [state, setState] = useState({ value: undefined, error: null });
  const wake = useRef({});
  useEffect(() => {
    const controller = new AbortController();
    follow({ load, seconds, signal: controller.signal, wake: wake.current, tell: setState });
    return () => {
      controller.abort();
      wake.current.now?.();
    };
  }, inputs);
  return { ...state, refresh: () => wake.current.now?.() };
}

/** The value, once it has stayed the same for some time. */
export function useSettled(value, milliseconds) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
