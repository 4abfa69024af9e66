// The dialog that rings up an order, as a register does.
import { call } from "../api.js";
import { RUNG_UP } from "../fields.js";
import { html, useEffect, useState } from "../html.js";
import { Dialog, Problem, say } from "../parts.js";
import { addressOf, go } from "../route.js";
import { changes, Fields, setting, shownOf } from "./form.js";
import { nameOfOrder } from "./order_parts.js";
import { loadReferred } from "./referred.js";

const FIRST = ["site_id", "register_id", "staff_member_id", "customer_id", "order_type", "guests", "notes", "status"];
const fieldOf = (name) => RUNG_UP.find((one) => one.name === name);
const FIELDS = [...FIRST.map(fieldOf), ...RUNG_UP.filter(({ name }) => !FIRST.includes(name))];
const NOTHING = shownOf(FIELDS, {});
const oneLine = () => shownOf(fieldOf("lines").parts, { quantity: 1 });

/** The form begins with the first site, and a line of one piece. */
const begun = (choices) => ({ ...NOTHING, site_id: String(choices.sites?.[0]?.id ?? ""), lines: choices.products?.length ? [oneLine()] : [] });

export function RingUp({ company, onClose, onChanged }) {
  const [choices, setChoices] = useState(null);
  const [values, setValues] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    loadReferred(FIELDS, company).then((found) => (setChoices(found), setValues(begun(found))), setError);
  }, []);
  const ring = async (event) => {
    event.preventDefault();
    const wanted = { ...values, lines: values.lines.filter(({ product_id: product }) => product) };
    try {
      const order = await call("POST", "ring_up", { query: { company_id: company }, body: changes(FIELDS, NOTHING, wanted) });
      say(`Rung up ${nameOfOrder(order)}`);
      onChanged();
      go(addressOf("orders", order.id));
    } catch (refused) {
      setError(refused);
    }
  };
  return html`<${Dialog} title="Ring up an order" onClose=${onClose}>
    <form onSubmit=${ring} novalidate>
      <${Problem} error=${error} />
      ${values && html`<${Fields} fields=${FIELDS} values=${values} set=${setting(setValues)} choices=${choices} first=${FIRST.length} />
        <div class="dialog-foot">
          <span class="stretch"></span>
          <button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Ring up</button>
        </div>`}
    </form>
  </${Dialog}>`;
}
