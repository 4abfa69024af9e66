// The panels in the order of their numbers on the keyboard.
import { Customers } from "./panels/customers.js";
import { Exchanges } from "./panels/exchanges.js";

export const PANELS = [
  { name: "exchanges", title: "Exchanges", show: Exchanges },
  { name: "customers", title: "Customers", show: Customers },
];
