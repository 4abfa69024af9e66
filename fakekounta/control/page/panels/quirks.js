// The panel of quirks: a line for each, filled once an exchange has covered it; its detail opens below it.
import { get } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { useLive } from "../live.js";
import { Choice, Panel, Pill, Problem, Statement } from "../parts.js";
import { addressOf } from "../route.js";
import { count, counted } from "../text.js";

const FAMILIES = {
  T: "Transport and format", K: "Companies, and this fake", O: "Sign-in", R: "Rate limit", P: "Paging",
  C: "Customers", D: "Orders", S: "Sites and registers", E: "Staff", M: "Taxes and payments", G: "Products and categories",
  W: "Webhooks", A: "Assumptions",
};
const BASES = ["DOCUMENTED", "REPORTED", "ASSUMED", "OURS"];

const load = (signal) => get("quirks", {}, { signal });
const short = (number) => (number < 1_000 ? String(number) : number < 1_000_000 ? `${Math.floor(number / 1_000)}k` : "1M+");

function Detail({ quirk }) {
  return html`<article class="quirk" aria-labelledby="quirk-title">
    <div class="detail-head">
      <h3 id="quirk-title">${quirk.id} <span class="slug">${quirk.slug.replaceAll("_", " ").toLowerCase()}</span></h3>
      <a class="button quiet icon" href="#/quirks" data-close aria-label="Close" title="Close (Esc)">✕</a>
    </div>
    <p class="statement"><${Statement} text=${quirk.statement} /></p>
    <p class="facts">
      <${Pill}>${quirk.basis}</${Pill}>
      <span><${Statement} text=${quirk.source} /></span>
      <span>${quirk.covered ? `covered ${counted(quirk.covered, "time")}` : "not covered since the last reset"}</span>
      ${quirk.covered > 0 && html`<a href=${addressOf("exchanges", "", { quirk: quirk.id })}>exchanges that cover it</a>`}
    </p>
  </article>`;
}

function Line({ quirk, isOpen }) {
  const covered = quirk.covered ? `covered ${counted(quirk.covered, "time")}` : "not covered";
  const item = useRef(null);
  useEffect(() => {
    if (isOpen) item.current.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  return html`<li ref=${item}>
    <a class="cell ${quirk.covered ? "covered" : ""}" href=${addressOf("quirks", isOpen ? "" : quirk.id)} data-row
      aria-current=${isOpen ? "true" : undefined} aria-label="${quirk.id}, ${covered}: ${quirk.statement}">
      <b>${quirk.id}</b><span class="line"><${Statement} text=${quirk.statement} /></span><small>${quirk.covered ? `✓ ${short(quirk.covered)}` : "–"}</small>
    </a>
    ${isOpen && html`<${Detail} quirk=${quirk} />`}
  </li>`;
}

function Family({ letter, quirks, open }) {
  const covered = quirks.filter((quirk) => quirk.covered).length;
  return html`<section class="family" aria-labelledby="family-${letter}">
    <div class="family-head">
      <h2 id="family-${letter}">${FAMILIES[letter] ?? letter}</h2>
      <span>${covered} of ${quirks.length}</span>
      <meter min="0" max=${quirks.length} value=${covered} aria-label="Covered of ${FAMILIES[letter] ?? letter}"></meter>
    </div>
    <ul class="cells">${quirks.map((quirk) => html`<${Line} key=${quirk.id} quirk=${quirk} isOpen=${quirk.id === open} />`)}</ul>
  </section>`;
}

function grouped(quirks) {
  const families = new Map(Object.keys(FAMILIES).map((letter) => [letter, []]));
  for (const quirk of quirks) {
    if (!families.has(quirk.id[0])) families.set(quirk.id[0], []);
    families.get(quirk.id[0]).push(quirk);
  }
  return [...families].filter(([, members]) => members.length);
}

const SHOWN = { all: () => true, covered: (quirk) => quirk.covered > 0, "not covered": (quirk) => !quirk.covered };

export function Quirks({ route }) {
  const [shown, setShown] = useState("all");
  const [basis, setBasis] = useState("");
  const { value, error } = useLive(load, 2, []);
  const quirks = (value ?? []).filter((quirk) => SHOWN[shown](quirk) && (!basis || quirk.basis === basis));
  const covered = (value ?? []).filter((quirk) => quirk.covered).length;
  return html`<${Panel}
    title="Quirks"
    lead=${value ? html`<span><strong>${count(covered)} of ${count(value.length)}</strong> statements about the API were covered since the last reset</span>` : "…"}
    actions=${html`<div class="filters">
      <${Choice} label="Shown" value=${shown} onValue=${setShown} choices=${Object.keys(SHOWN)} />
      <${Choice} label="Basis" value=${basis} onValue=${setBasis} choices=${[["", "any"], ...BASES.map((one) => [one, one.toLowerCase()])]} />
    </div>`}
  >
    <${Problem} error=${error} />
    <div class="families" data-filled>
      ${grouped(quirks).map(([letter, members]) => html`<${Family} key=${letter} letter=${letter} quirks=${members} open=${route.id} />`)}
    </div>
    ${value && !quirks.length && html`<p class="nothing">No quirk matches.</p>`}
  </${Panel}>`;
}
