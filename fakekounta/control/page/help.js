// Keyboard shortcuts, their help, and the switch that turns them off.
import { html, useEffect, useState } from "./html.js";
import { Check, Dialog } from "./parts.js";
import { PANELS } from "./panels.js";
import { go } from "./route.js";

const SETTING = "fakekounta-shortcuts";

const KEYS = [
  ["1 … 9, 0", "go to one of the first ten panels"],
  ["/", "search or filter"],
  ["n", "add something new, where there is something to add"],
  ["j, k", "next and previous row"],
  ["Enter", "open the row"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

function isOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

function step(by) {
  const rows = [...document.querySelectorAll("main [data-row]")];
  const here = rows.indexOf(document.activeElement);
  const start = here < 0 ? rows.findIndex((row) => row.getAttribute("aria-current") === "true") : here;
  rows[Math.min(Math.max(start + by, 0), rows.length - 1)]?.focus();
}

function press(key, openHelp) {
  if (key === "?") openHelp();
  else if (key === "/") document.querySelector("main [data-search]")?.focus();
  else if (key === "n") document.querySelector("main [data-new]")?.click();
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "Escape") document.querySelector("main [data-close]")?.click();
  else if (/^\d$/.test(key) && PANELS[(Number(key) || 10) - 1]) go(`#/${PANELS[(Number(key) || 10) - 1].name}`);
  else return false;
  return true;
}

export function useShortcuts(openHelp) {
  useEffect(() => {
    const pressed = (event) => {
      const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!isOn() && event.key !== "Escape") return;
      if (press(event.key, openHelp)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

export function Help({ onClose }) {
  const [on, setOn] = useState(isOn());
  const turn = (wanted) => {
    setOn(wanted);
    try {
      localStorage.setItem(SETTING, wanted ? "on" : "off");
    } catch {
      // Storage can be switched off: then they stay on.
    }
  };
  return html`<${Dialog} title="Keyboard" onClose=${onClose}>
    <dl class="keys">
      ${KEYS.map(([keys, what]) => html`<div key=${keys}><dt><kbd>${keys}</kbd></dt><dd>${what}</dd></div>`)}
    </dl>
    <ol class="panel-keys">
      ${PANELS.map(({ name, title }) => html`<li key=${name}>${title}</li>`)}
    </ol>
    <${Check} label="Single-key shortcuts" checked=${on} onChecked=${turn} />
  </${Dialog}>`;
}
