// The frame around the panels: navigation, the namespace shown, and the fake's time.
import { call, currentNamespace, get, useNamespace } from "./api.js";
import { ClockChip } from "./chip.js";
import { Help, useShortcuts } from "./help.js";
import { html, render, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { useLive } from "./live.js";
import { attempt, Confirmed, Messages } from "./parts.js";
import { PANELS } from "./panels.js";
import { useRoute } from "./route.js";
import { TokenDialog } from "./token.js";

function Navigation({ current }) {
  const nav = useRef(null);
  const [more, setMore] = useState("");
  const measure = () => {
    const { scrollLeft, scrollWidth, clientWidth } = nav.current;
    setMore([scrollLeft > 4 && "before", scrollLeft + clientWidth < scrollWidth - 4 && "after"].filter(Boolean).join(" "));
  };
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(nav.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    // scrollIntoView would have Tab go on from here, and not from the top of the page.
    const link = nav.current.querySelector("[aria-current]");
    nav.current.scrollLeft = link.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - link.offsetWidth) / 2;
  }, [current]);
  return html`<nav aria-label="Panels" ref=${nav} data-more=${more} onScroll=${measure}>
    <ul>
      ${PANELS.map(
        ({ name, title }) => html`<li key=${name}>
          <a href="#/${name}" aria-current=${name === current ? "page" : undefined}>
            <${Icon} name=${name} /><span>${title}</span>
          </a>
        </li>`,
      )}
    </ul>
  </nav>`;
}

const loadNamespaces = (signal) => get("namespaces", {}, { signal, ofTheFake: true });

function NamespaceChoice({ namespace, choose }) {
  const { value = [] } = useLive(loadNamespaces, 5, [namespace]);
  const names = new Set([...value.map((one) => one.name), ...(namespace ? [namespace] : [])]);
  return html`<label class="namespace">
    <span>Namespace</span>
    <select value=${namespace} onChange=${(event) => choose(event.target.value)}>
      <option value="" selected=${!namespace}>default</option>
      ${[...names].sort().map((name) => html`<option key=${name} value=${name} selected=${name === namespace}>${name}</option>`)}
    </select>
  </label>`;
}

const THEMES = { "": "dark", dark: "light", light: "" };
const THEME_NAMES = { "": "as the system", dark: "dark", light: "light" };

function ThemeSwitch() {
  const root = document.documentElement;
  const [theme, setTheme] = useState(root.dataset.theme ?? "");
  const turn = () => {
    const next = THEMES[theme];
    setTheme(next);
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      localStorage.setItem("fakekounta-theme", next);
    } catch {
      // Storage can be switched off: then the choice lasts as long as the page.
    }
  };
  return html`<button type="button" class="quiet icon" onClick=${turn} aria-label="Theme: ${THEME_NAMES[theme]}" title="Theme: ${THEME_NAMES[theme]}">
    <svg class="icon-line" viewBox="0 0 20 20" aria-hidden="true"><path d="M10 3a7 7 0 1 0 0 14V3Z" fill="currentColor" /><circle cx="10" cy="10" r="7" /></svg>
  </button>`;
}

function Reset({ onReset }) {
  const reset = () => attempt(() => call("POST", "reset"), "Back to the seed").then((done) => done && onReset());
  return html`<span class="reset"><${Confirmed} small label="Reset" question="Really reset?" tone="" onConfirm=${reset} /></span>`;
}

function Header({ namespace, choose, openHelp, onReset }) {
  return html`<header>
    <a class="brand" href="#/exchanges"><span class="mark" aria-hidden="true">k</span>fakekounta</a>
    <${NamespaceChoice} namespace=${namespace} choose=${choose} />
    <span class="stretch"></span>
    <${ClockChip} key=${namespace} />
    <${Reset} onReset=${onReset} />
    <${ThemeSwitch} />
    <button type="button" class="quiet icon by-key" onClick=${openHelp} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">?</button>
  </header>`;
}

function App() {
  const route = useRoute();
  const [namespace, setNamespace] = useState(currentNamespace());
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [generation, setGeneration] = useState(0); // of the panel: a new one asks for everything anew
  const renew = () => setGeneration((number) => number + 1);
  const panel = PANELS.find(({ name }) => name === route.panel) ?? PANELS[0];
  const main = useRef(null);
  const shown = useRef(panel.name);
  const choose = (name) => {
    useNamespace(name);
    setNamespace(name);
  };
  useShortcuts(() => setHelpOpen(true));
  useEffect(() => {
    if (shown.current !== panel.name) main.current.querySelector("h1")?.focus({ preventScroll: true });
    shown.current = panel.name;
  }, [panel.name]);
  return html`<div class="frame">
    <a class="skip" href="#title" onClick=${(event) => (event.preventDefault(), main.current.querySelector("h1").focus())}>Skip to content</a>
    <${Header} namespace=${namespace} choose=${choose} openHelp=${() => setHelpOpen(true)} onReset=${renew} />
    <${Navigation} current=${panel.name} />
    <main ref=${main}>
      <${panel.show} key=${`${panel.name} ${namespace} ${generation}`} route=${route} namespace=${namespace} choose=${choose} />
    </main>
    <${Messages} />
    <${TokenDialog} onGiven=${renew} />
    ${isHelpOpen && html`<${Help} onClose=${() => setHelpOpen(false)} />`}
  </div>`;
}

render(html`<${App} />`, document.getElementById("app"));
