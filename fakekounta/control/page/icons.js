// Lines on a 20 by 20 grid; they are decoration, and hidden from screen readers.
import { html } from "./html.js";

const PATHS = {
  exchanges: "M3 7h12l-3-3M17 13H5l3 3",
  customers: "M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.5 17c.6-3.2 3.2-5 6.5-5s5.900 1.800 6.500 5",
  orders: "M5 2.500h10v15l-2.500-1.500-2.500 1.500-2.500-1.500L5 17.500zM8 6.500h4M8 9.500h4M8 12.500h2",
  menu: "M4 8h10v4a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8ZM14 9h1.500a1.800 1.800 0 0 1 0 3.600H14M6.500 5.500v-2M9 5.500v-2M11.500 5.500v-2",
  webhooks: "M7.500 8.500 10 4.500M10 4.500a2 2 0 1 1 .1 0M5 15h10M5 15a2 2 0 1 1 0-.1M15 15a2 2 0 1 0 0-.1M12.500 8.500 15 13",
  faults: "M11 2.500 4.500 11.500h5L9 17.500l6.500-9h-5L11 2.500Z",
  clock: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15ZM10 6v4.200l2.800 1.800",
  quirks: "M3.500 3.500h5v5h-5zM11.500 3.500h5v5h-5zM3.500 11.500h5v5h-5zM11.500 11.500h5v5h-5z",
  assumptions: "M6 4v4M6 12v4M14 4v8M14 16v0M4 10a2 2 0 1 0 4 0 2 2 0 0 0-4 0ZM12 14a2 2 0 1 0 4 0 2 2 0 0 0-4 0Z",
  state: "M4 5.500C4 4 16 4 16 5.500S4 7 4 5.500ZM4 5.500v9C4 16 16 16 16 14.500v-9M4 10c0 1.500 12 1.500 12 0",
  settings: "M3 6h7M14 6h3M10 6a2 2 0 1 0 4 0 2 2 0 0 0-4 0ZM3 14h3M10 14h7M6 14a2 2 0 1 0 4 0 2 2 0 0 0-4 0Z",
  namespaces: "M10 3 3 6.500l7 3.500 7-3.500L10 3ZM3 10l7 3.500 7-3.500M3 13.500 10 17l7-3.500",
};

export function Icon({ name }) {
  return html`<svg class="icon-line" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
