// One order: its lines, payments, totals and history, and what the POS does to it.
import { call, get } from "../api.js";
import { PAID, POSSIBLE } from "../fields.js";
import { html, useState } from "../html.js";
import { useLive } from "../live.js";
import { Confirmed, Dialog, Problem, say } from "../parts.js";
import { addressOf } from "../route.js";
import { moment } from "../text.js";
import { changes, Fields, setting, shownOf } from "./form.js";
import { money, nameOfOrder, Status } from "./order_parts.js";
import { History } from "./order_history.js";
import { nameOf } from "./referred.js";

const optionsOf = (line) => line.option_sets.flatMap((set) => set.options);

/** The order, and the names of the records that it refers to; those that were removed since are null. */
async function load(id, company, signal) {
  const ask = (path, query) => get(path, { company_id: company, ...query }, { signal });
  const order = await ask(`orders/${encodeURIComponent(id)}`);
  const named = async (plural, number) => (number === null ? null : ask(`${plural}/${number}`).then(nameOf, () => null));
  const modifiers = [...new Set(order.lines.flatMap((line) => [...line.modifiers.map(Math.abs), ...optionsOf(line)]))];
  const [site, register, staff, customer, methods, ...extras] = await Promise.all([
    named("sites", order.site_id), named("registers", order.register_id), named("staff", order.staff_member_id), named("customers", order.customer_id),
    ask("payment_methods"), ...modifiers.map((number) => named("products", number)),
  ]);
  return { order, site, register, staff, customer, methods: methods.payment_methods, extras: new Map(modifiers.map((number, index) => [number, extras[index]])) };
}

function Facts({ order, site, register, staff, customer }) {
  const { status, customer_id: customerId, refunded_order_id: refunded } = order;
  return html`<div>
    <p class="facts">
      <${Status} status=${status} />
      ${[site, register, staff && `by ${staff}`, order.order_type, order.guests && `${order.guests} guests`].filter(Boolean).map((text) => html`<span key=${text} dir="auto">${text}</span>`)}
      ${customerId !== null && html`<a href=${addressOf("customers", customerId)} dir="auto">${customer ?? `customer ${customerId}, removed`}</a>`}
      ${refunded !== null && html`<span>refunds <a href=${addressOf("orders", refunded)}>${refunded}</a></span>`}
      <span>id ${order.id}</span>
    </p>
    ${order.notes && html`<p class="order-notes" dir="auto">${order.notes}</p>`}
  </div>`;
}

function Line({ line, extras }) {
  const added = line.modifiers.map((number) => `${number < 0 ? "without " : "with "}${extras.get(Math.abs(number)) ?? Math.abs(number)}`);
  const options = optionsOf(line).map((number) => extras.get(number) ?? `option ${number}`);
  return html`<tr>
    <td class="number">${String(line.quantity)}</td>
    <td class="what"><span dir="auto">${line.product.name || line.product.id}</span>
      ${[...added, ...options, line.course?.name, line.notes].filter(Boolean).map((text) => html`<small key=${text} dir="auto">${text}</small>`)}</td>
    <td class="number">${money(line.unit_price)}</td>
    <td class="number">${money(line.line_total_tax)}</td>
    <td class="number">${money(line.line_total_ex_tax + line.line_total_tax)}</td>
  </tr>`;
}

function Lines({ order, extras }) {
  return html`<section class="part"><h3>Lines</h3>
    ${order.lines.length === 0 && html`<p class="nothing">No lines</p>`}
    <table class="sums" aria-label="Lines">
      ${order.lines.length > 0 && html`<thead><tr><th scope="col" class="number">Qty</th><th scope="col">Product</th><th scope="col" class="number">Each, ex tax</th><th scope="col" class="number">Tax</th><th scope="col" class="number">Total</th></tr></thead>`}
      <tbody>${order.lines.map((line) => html`<${Line} key=${line.line_id} line=${line} extras=${extras} />`)}</tbody>
      <tfoot>
        ${order.price_variation !== 1 && html`<tr><th scope="row" colspan="4">Price variation of the order</th><td class="number">× ${order.price_variation}</td></tr>`}
        <tr><th scope="row" colspan="4">Tax included</th><td class="number">${money(order.total_tax)}</td></tr>
        <tr class="strong"><th scope="row" colspan="4">Total</th><td class="number">${money(order.total)}</td></tr>
        <tr><th scope="row" colspan="4">Paid${order.tips ? `, and ${money(order.tips)} of tips` : ""}</th><td class="number">${money(order.paid)}</td></tr>
        <tr class="strong"><th scope="row" colspan="4">Open</th><td class="number">${money(Math.round((order.total - order.paid) * 1e6) / 1e6)}</td></tr>
      </tfoot>
    </table>
  </section>`;
}

function Payments({ payments }) {
  if (!payments.length) return null;
  return html`<section class="part"><h3>Payments</h3>
    <table class="sums" aria-label="Payments"><tbody>
      ${payments.map(
        ({ number, method, amount, tip, ref, created_at: at }) => html`<tr key=${number}>
          <td class="number">${number}</td><td class="what">${method?.name ?? "no method"}<small>${[moment(at), ref].filter(Boolean).join(" · ")}</small></td>
          <td class="number">${tip ? `tip ${money(tip)}` : ""}</td><td class="number">${money(amount)}</td>
        </tr>`,
      )}
    </tbody></table>
  </section>`;
}

function Pay({ order, methods, onPay, onClose }) {
  const before = shownOf(PAID, {});
  const [values, setValues] = useState(before);
  const [error, setError] = useState(null);
  const choices = { payment_methods: methods.map(({ id, name }) => ({ id, name })) };
  const pay = async (event) => {
    event.preventDefault();
    setError(await onPay(changes(PAID, before, values)));
  };
  return html`<${Dialog} title="Pay ${nameOfOrder(order)}" onClose=${onClose}>
    <form onSubmit=${pay} novalidate>
      <${Problem} error=${error} />
      <p class="hint spaced">Without an amount all that is open is paid, and without a method in cash.</p>
      <div class="stack"><${Fields} fields=${PAID} values=${values} set=${setting(setValues)} choices=${choices} /></div>
      <div class="dialog-foot">
        <span class="stretch"></span>
        <button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Pay</button>
      </div>
    </form>
  </${Dialog}>`;
}

const DONE = { accept: "accepted", reject: "rejected", pay: "paid", complete: "completed", delete: "deleted" };

function Acts({ order, act, openPay }) {
  const can = (name) => POSSIBLE[name].includes(order.status);
  const Plain = ({ name, label }) => html`<button type="button" class="small" disabled=${!can(name)} onClick=${() => act(name)}>${label}</button>`;
  return html`<div class="actions start" role="group" aria-label="At the POS">
    <${Plain} name="accept" label="Accept" /><${Plain} name="reject" label="Reject" />
    <button type="button" class="small" disabled=${!can("pay")} onClick=${openPay}>Pay …</button>
    <${Plain} name="complete" label="Complete" />
    ${can("delete") && html`<${Confirmed} small label="Delete" question="Really delete?" onConfirm=${() => act("delete")} />`}
  </div>`;
}

export function Order({ id, company, onChanged }) {
  const { value, error, refresh } = useLive((signal) => load(id, company, signal), 2, [id, company]);
  const [refused, setRefused] = useState(null);
  const [isPaying, setPaying] = useState(false);
  /** Resolves to the refusal, or null. */
  const act = async (name, body = {}) => {
    try {
      await call("POST", `orders/${encodeURIComponent(id)}/${name}`, { query: { company_id: company }, body });
    } catch (problem) {
      setRefused(problem);
      return problem;
    }
    setRefused(null);
    setPaying(false);
    say(`Order ${DONE[name]}`);
    refresh();
    onChanged();
    return null;
  };
  return html`<article class="detail" aria-labelledby="order-title">
    <div class="detail-head">
      <h2 id="order-title">Order ${value ? nameOfOrder(value.order) : id}</h2>
      <a class="button quiet icon" href="#/orders" data-close aria-label="Close" title="Close (Esc)">✕</a>
    </div>
    <${Problem} error=${error} />
    ${!isPaying && html`<${Problem} error=${refused} />`}
    ${value && html`<${Facts} ...${value} />
      <${Acts} order=${value.order} act=${act} openPay=${() => (setRefused(null), setPaying(true))} />
      <${Lines} order=${value.order} extras=${value.extras} />
      <${Payments} payments=${value.order.payments} />
      <${History} order=${value.order} />`}
    ${isPaying && html`<${Pay} order=${value.order} methods=${value.methods} onPay=${(body) => act("pay", body)} onClose=${() => (setRefused(null), setPaying(false))} />`}
  </article>`;
}
