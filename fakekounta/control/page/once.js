// Values that are requested once.
import { useEffect, useState } from "./html.js";

/** `value` is what `ask(signal)` resolves to, `error` what it fails with; asks again when `inputs` change. */
export function useOnce(ask, inputs) {
  const [state, setState] = useState({});
  useEffect(() => {
    const controller = new AbortController();
    ask(controller.signal).then(
      (value) => setState({ value }),
      (error) => controller.signal.aborted || setState({ error }),
    );
    return () => controller.abort();
  }, inputs);
  return state;
}
