// The form for a webhook.
import { call } from "../api.js";
import { html, useState } from "../html.js";
import { Choice, Dialog, Field, Problem, say } from "../parts.js";

const TOPICS = ["customers/created", "customers/updated", "customers/deleted", "orders/completed"];

export function WebhookDialog({ onClose, onChanged }) {
  const [fields, setFields] = useState({ topic: TOPICS[0], address: "", format: "json" });
  const [error, setError] = useState(null);
  const set = (name) => (value) => setFields((now) => ({ ...now, [name]: value }));
  const save = async (event) => {
    event.preventDefault();
    try {
      await call("POST", "webhooks", { body: fields });
    } catch (refused) {
      return setError(refused);
    }
    say("Subscribed");
    onChanged();
    return onClose();
  };
  return html`<${Dialog} title="New webhook" onClose=${onClose}>
    <form onSubmit=${save}>
      <${Problem} error=${error} />
      <div class="form-grid">
        <${Choice} label="Topic" value=${fields.topic} onValue=${set("topic")} choices=${TOPICS} />
        <${Choice} label="Format" value=${fields.format} onValue=${set("format")} choices=${["json", "xml"]} />
      </div>
      <${Field} label="Address" value=${fields.address} onValue=${set("address")} placeholder="http://127.0.0.1:5000/webhooks"
        hint="Where your receiver listens. The fake delivers to this machine only, unless a host is allowed." />
      <div class="dialog-foot">
        <span class="stretch"></span>
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class="primary">Subscribe</button>
      </div>
    </form>
  </${Dialog}>`;
}
