// The panels in the order of their numbers on the keyboard.
import { Assumptions } from "./panels/assumptions.js";
import { Clock } from "./panels/clock.js";
import { Customers } from "./panels/customers.js";
import { Exchanges } from "./panels/exchanges.js";
import { Faults } from "./panels/faults.js";
import { Menu } from "./panels/menu.js";
import { NamespacesPanel } from "./panels/namespaces.js";
import { Orders } from "./panels/orders.js";
import { Quirks } from "./panels/quirks.js";
import { Settings } from "./panels/settings.js";
import { State } from "./panels/state.js";
import { Webhooks } from "./panels/webhooks.js";

export const PANELS = [
  { name: "exchanges", title: "Exchanges", show: Exchanges },
  { name: "customers", title: "Customers", show: Customers },
  { name: "orders", title: "Orders", show: Orders },
  { name: "menu", title: "Menu", show: Menu },
  { name: "webhooks", title: "Webhooks", show: Webhooks },
  { name: "faults", title: "Faults", show: Faults },
  { name: "clock", title: "Clock", show: Clock },
  { name: "quirks", title: "Quirks", show: Quirks },
  { name: "assumptions", title: "Assumptions", show: Assumptions },
  { name: "state", title: "State", show: State },
  { name: "settings", title: "Settings", show: Settings },
  { name: "namespaces", title: "Namespaces", show: NamespacesPanel },
];
