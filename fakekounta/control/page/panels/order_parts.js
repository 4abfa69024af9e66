// How orders are shown in the list and in the detail.
import { html } from "../html.js";
import { Pill } from "../parts.js";

const TONES = { SUBMITTED: "warn", ACCEPTED: "late", ON_HOLD: "late", PENDING: "late", COMPLETE: "good", REJECTED: "bad", DELETED: "bad" };
const grouped = new Intl.NumberFormat("en-AU", { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** An amount of money as a text, with a true minus sign. */
export const money = (amount) => grouped.format(amount).replace("-", "−");

export const Status = ({ status }) => html`<${Pill} tone=${TONES[status]}>${status}</${Pill}>`;

/** The sale number of an order, or its id if it has none. */
export const nameOfOrder = ({ sale_number: number, id }) => number || String(id);
