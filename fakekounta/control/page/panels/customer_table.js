// The table of customers: as high as all rows together, but only the visible rows exist.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { addressOf } from "../route.js";

const HEIGHTS = { wide: 44, narrow: 78 }; // as in panels.css
const NARROW = matchMedia("(max-width: 40rem)");
const MORE = 12; // rows beyond the visible ones, for keys and slow scrolling

const nameOf = ({ first_name: first, last_name: last }) => [first, last].filter(Boolean).join(" ") || "(no name)";
const placeOf = ({ primary_address: primary, shipping_address: shipping }) => {
  const { address, city, state, postal_code: code, country } = primary ?? shipping ?? {};
  return [address, city, state, code, country].filter(Boolean).join(", ");
};

/** The columns; `sort` is the name that the fake sorts by. */
export const COLUMNS = [
  { name: "name", title: "Name", sort: "name", text: nameOf },
  { name: "email", title: "Email", sort: "email", text: (one) => one.email ?? "" },
  { name: "phone", title: "Mobile or phone", sort: "phone", text: (one) => one.mobile || one.phone || "" },
  { name: "reference", title: "Reference id", sort: "reference_id", text: (one) => Object.values(one.reference_ids).join(", ") },
  { name: "place", title: "Address", text: placeOf },
  { name: "tags", title: "Tags", text: (one) => one.tags.join(", ") },
  { name: "id", title: "Id", sort: "id", text: (one) => String(one.id) },
];
const [, ...OTHERS] = COLUMNS;
const named = (...names) => names.map((name) => OTHERS.find((one) => one.name === name));
/** What narrow rows have below the name, a line each; the end of a long line is cut, so what is short comes first. */
const BELOW = [named("email", "phone"), named("id", "reference", "place", "tags")];

/** Texts in one line, each in its own direction: an Arabic tag does not turn the id beside it around. */
const joined = (customer, columns) => columns.map(({ text }) => text(customer)).filter(Boolean).map((text, index) => [index ? " · " : "", html`<bdi>${text}</bdi>`]);

function Row({ customer, index }) {
  if (!customer) return html`<tr aria-rowindex=${index + 2} class="waiting"><td colspan=${COLUMNS.length}><span></span></td></tr>`;
  return html`<tr aria-rowindex=${index + 2}>
    <td class="name">
      <a href=${addressOf("customers", customer.id)} data-row title=${nameOf(customer)} dir="auto">${nameOf(customer)}</a>
      ${BELOW.map((columns) => html`<small class="under">${joined(customer, columns)}</small>`)}
    </td>
    ${OTHERS.map(({ name, text }) => html`<td key=${name} class="${name} wide-only" dir="auto" title=${text(customer)}>${text(customer)}</td>`)}
  </tr>`;
}

const ORDER = { "": "none", "-": "descending" };

function Heading({ column, sort, setSort }) {
  const { name, title, sort: by } = column;
  const hidden = name === "name" ? "" : "wide-only";
  if (!by) return html`<th scope="col" class="${name} ${hidden}">${title}</th>`;
  const isBy = sort.replace("-", "") === by;
  const order = isBy ? (ORDER[sort[0]] ?? "ascending") : "none";
  const next = { none: by, ascending: `-${by}`, descending: "" }[order];
  return html`<th scope="col" class="${name} ${hidden}" aria-sort=${order}>
    <button type="button" class="sort" onClick=${() => setSort(next)}>${title}<span aria-hidden="true">${{ none: "", ascending: " ↑", descending: " ↓" }[order]}</span></button>
  </th>`;
}

function useRowHeight() {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const changed = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", changed);
    return () => NARROW.removeEventListener("change", changed);
  }, []);
  return isNarrow ? HEIGHTS.narrow : HEIGHTS.wide;
}

function useSight(scroller, total, height) {
  const [sight, setSight] = useState([0, 20]);
  const measure = () => {
    const { scrollTop, clientHeight } = scroller.current;
    const first = Math.max(Math.floor(scrollTop / height) - MORE, 0);
    const last = Math.min(Math.ceil((scrollTop + clientHeight) / height) + MORE, total - 1);
    setSight((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [total, height]);
  return [sight, measure];
}

export function CustomerTable({ rows, total, see, sort, setSort }) {
  const scroller = useRef(null);
  const height = useRowHeight();
  const [[first, last], measure] = useSight(scroller, total, height);
  useEffect(() => see([first, last]), [first, last, total]);
  const space = (count) => count > 0 && html`<tr aria-hidden="true" class="space" style=${{ height: `${count * height}px` }}></tr>`;
  const shown = [];
  for (let index = first; index <= Math.min(last, total - 1); index += 1) {
    shown.push(html`<${Row} key=${index} index=${index} customer=${rows(index)} />`);
  }
  const least = `min(16rem, calc(2.25rem + ${total * height}px))`; // no empty room below a few rows
  return html`<div class="scroll tall" ref=${scroller} style=${{ minHeight: least }} tabindex="0" role="region" aria-label="List of customers" onScroll=${measure}>
    <table class="rows customers" aria-rowcount=${total + 1}>
      <thead>
        <tr aria-rowindex="1">${COLUMNS.map((one) => html`<${Heading} key=${one.name} column=${one} sort=${sort} setSort=${setSort} />`)}</tr>
      </thead>
      <tbody>
        ${space(first)} ${shown} ${space(total - 1 - last)}
      </tbody>
    </table>
  </div>`;
}
