// The table of customers: as high as all rows together, but only the visible rows exist.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { addressOf } from "../route.js";
import { count } from "../text.js";

export const ROW_HEIGHT = 44;
const MORE = 12; // rows beyond the visible ones, for keys and slow scrolling

const nameOf = ({ first_name: first, last_name: last }) => [first, last].filter(Boolean).join(" ") || "(no name)";

function Row({ customer, index }) {
  if (!customer) return html`<tr aria-rowindex=${index + 2} class="waiting"><td class="number">${count(index + 1)}</td><td colspan="5"><span></span></td></tr>`;
  return html`<tr aria-rowindex=${index + 2}>
    <td class="number">${count(index + 1)}</td>
    <td class="name"><a href=${addressOf("customers", customer.id)} data-row>${nameOf(customer)}</a></td>
    <td class="email">${customer.email}</td>
    <td class="phone wide-only">${customer.mobile || customer.phone}</td>
    <td class="tags wide-only">${customer.tags.join(", ")}</td>
    <td class="number id wide-only">${customer.id}</td>
  </tr>`;
}

function useSight(scroller, total) {
  const [sight, setSight] = useState([0, 20]);
  const measure = () => {
    const { scrollTop, clientHeight } = scroller.current;
    const first = Math.max(Math.floor(scrollTop / ROW_HEIGHT) - MORE, 0);
    const last = Math.min(Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + MORE, total - 1);
    setSight((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [total]);
  return [sight, measure];
}

const space = (rows) => rows > 0 && html`<tr aria-hidden="true" class="space" style=${{ height: `${rows * ROW_HEIGHT}px` }}></tr>`;

export function CustomerTable({ rows, total, see }) {
  const scroller = useRef(null);
  const [[first, last], measure] = useSight(scroller, total);
  useEffect(() => see([first, last]), [first, last, total]);
  const shown = [];
  for (let index = first; index <= Math.min(last, total - 1); index += 1) {
    shown.push(html`<${Row} key=${index} index=${index} customer=${rows(index)} />`);
  }
  return html`<div class="scroll tall" ref=${scroller} tabindex="0" role="region" aria-label="List of customers" onScroll=${measure}>
    <table class="rows customers" aria-rowcount=${total + 1}>
      <thead>
        <tr aria-rowindex="1">
          <th scope="col" class="number">No.</th><th scope="col" class="name">Name</th><th scope="col" class="email">Email</th>
          <th scope="col" class="phone wide-only">Mobile or phone</th><th scope="col" class="tags wide-only">Tags</th>
          <th scope="col" class="number id wide-only">Id</th>
        </tr>
      </thead>
      <tbody>
        ${space(first)} ${shown} ${space(total - 1 - last)}
      </tbody>
    </table>
  </div>`;
}
