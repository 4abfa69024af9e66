// The dialog for the control token.
import { onTokenWanted, useToken } from "./api.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Dialog, Field } from "./parts.js";

/** Shows a dialog while the fake refuses the page's calls; `onGiven` is called with each token that is given. */
export function TokenDialog({ onGiven }) {
  const [wanted, setWanted] = useState(false);
  const [value, setValue] = useState("");
  const tries = useRef(0);
  useEffect(() => onTokenWanted(() => setWanted(true)), []);
  if (!wanted) return null;
  const give = (event) => {
    event.preventDefault();
    tries.current += 1;
    useToken(value);
    setWanted(false);
    onGiven(value);
  };
  return html`<${Dialog} title="Control token" onClose=${() => setWanted(false)}>
    <form onSubmit=${give}>
      ${tries.current > 0 && html`<p class="problem" role="alert">The token is wrong.</p>`}
      <${Field} label="Token" type="password" value=${value} onValue=${setValue} hint="The value of --control-token" />
      <div class="dialog-foot">
        <span class="stretch"></span>
        <button type="submit" class="primary">Use it</button>
      </div>
    </form>
  <//>`;
}
