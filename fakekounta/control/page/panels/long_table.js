// A table of any number of records: as high as all rows together, but only the visible rows exist.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";

const HEIGHTS = { wide: 44, narrow: 78 }; // as in panels.css
const NARROW = matchMedia("(max-width: 40rem)");
const MORE = 12; // rows beyond the visible ones, for keys and slow scrolling

/** Texts in one line, each in its own direction: an Arabic tag does not turn the id beside it around. */
const joined = (record, columns) => columns.map(({ text }) => text(record)).filter(Boolean).map((text, index) => [index ? " · " : "", html`<bdi>${text}</bdi>`]);

function Row({ record, index, columns, below, addressOf, open }) {
  if (!record) return html`<tr aria-rowindex=${index + 2} class="waiting"><td colspan=${columns.length}><span></span></td></tr>`;
  const [first, ...others] = columns;
  const isOpen = String(record.id) === open;
  return html`<tr aria-rowindex=${index + 2} class=${isOpen ? "open" : ""}>
    <td class="name">
      <a href=${addressOf(record)} data-row title=${first.text(record)} dir="auto" aria-current=${isOpen ? "true" : undefined}>${first.text(record)}</a>
      ${below.map((line) => html`<small class="under">${joined(record, line)}</small>`)}
    </td>
    ${others.map(({ name, text, show }) => html`<td key=${name} class="${name} wide-only" dir="auto" title=${text(record)}>${(show ?? text)(record)}</td>`)}
  </tr>`;
}

const ORDER = { "": "none", "-": "descending" };

function Heading({ column, isFirst, sort, setSort }) {
  const { name, title, sort: by } = column;
  const classes = isFirst ? "name" : `${name} wide-only`;
  if (!by) return html`<th scope="col" class=${classes}>${title}</th>`;
  const isBy = sort.replace("-", "") === by;
  const order = isBy ? (ORDER[sort[0]] ?? "ascending") : "none";
  const next = { none: by, ascending: `-${by}`, descending: "" }[order];
  return html`<th scope="col" class=${classes} aria-sort=${order}>
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

/**
 * `columns` are { name, title, text(record), show(record), sort }: `show` is an element in the place of the text, `sort`
 * the name that the fake sorts by; the first is the link to `addressOf(record)`. `below` are the columns that narrow rows
 * have below it, a line each; the end of a long line is cut, so what is short comes first. `kind` is the class of the
 * table. `rows(index)` returns a record, or undefined before it is loaded; `see([first, last])` is called with the visible rows.
 */
export function LongTable({ label, kind, columns, below, addressOf, rows, total, see, sort = "", setSort, open }) {
  const scroller = useRef(null);
  const height = useRowHeight();
  const [[first, last], measure] = useSight(scroller, total, height);
  useEffect(() => see([first, last]), [first, last, total]);
  const space = (count) => count > 0 && html`<tr aria-hidden="true" class="space" style=${{ height: `${count * height}px` }}></tr>`;
  const shown = [];
  for (let index = first; index <= Math.min(last, total - 1); index += 1) {
    shown.push(html`<${Row} key=${index} index=${index} record=${rows(index)} columns=${columns} below=${below} addressOf=${addressOf} open=${open} />`);
  }
  const least = `min(16rem, calc(2.25rem + ${total * height}px))`; // no empty room below a few rows
  return html`<div class="scroll tall" ref=${scroller} style=${{ minHeight: least }} tabindex="0" role="region" aria-label=${label} onScroll=${measure}>
    <table class="rows long ${kind}" aria-rowcount=${total + 1}>
      <thead>
        <tr aria-rowindex="1">
          ${columns.map((one, index) => html`<${Heading} key=${one.name} column=${one} isFirst=${index === 0} sort=${sort} setSort=${setSort} />`)}
        </tr>
      </thead>
      <tbody>
        ${space(first)} ${shown} ${space(total - 1 - last)}
      </tbody>
    </table>
  </div>`;
}
