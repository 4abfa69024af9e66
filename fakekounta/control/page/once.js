// Values that are asked for once.
import { useEffect, useState } from "./html.js";

/** What `ask(signal)` resolves to, as `value`, or what it fails with, as `error`; anew when `inputs` change. */
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
