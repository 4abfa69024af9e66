// The records that fields of a form or columns of a table refer to: their ids and names, by collection.
import { get } from "../api.js";

const MOST = 200; // of more records a form shows no list, and a table only their ids

export const nameOf = (record) => record.name ?? [record.first_name, record.last_name].filter(Boolean).join(" ");

function pluralsIn(fields) {
  return new Set(fields.flatMap(({ plural, parts }) => [...(plural ? [plural] : []), ...(parts ? pluralsIn(parts) : [])]));
}

/** Resolves to the records by collection, without collections that have too many. */
export async function loadReferred(fields, company, signal) {
  const plurals = [...pluralsIn(fields)];
  const answers = await Promise.all(plurals.map((plural) => get(plural, { company_id: company, limit: MOST }, { signal })));
  const few = plurals.map((plural, index) => [plural, answers[index]]).filter(([, { total }]) => total <= MOST);
  return Object.fromEntries(few.map(([plural, answer]) => [plural, answer[plural].map((one) => ({ id: one.id, name: nameOf(one) || String(one.id), isModifier: one.is_modifier === true }))]));
}
