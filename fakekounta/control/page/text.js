// Numbers, times and JSON as text.
const grouped = new Intl.NumberFormat("en-AU");

export const count = (number) => grouped.format(number);

export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** The text in parts between which a line may break: before slashes, question marks and ampersands, so that no word is cut. */
export const breakable = (text) => text.split(/(?=[/?&])/);

const ordinals = new Intl.PluralRules("en-AU", { type: "ordinal" });
const EXAMPLES = { one: "1st", two: "2nd", few: "3rd", other: "4th" };

/** "1st", "2nd", "3rd", "4th", "11th". */
export const ordinal = (number) => count(number) + EXAMPLES[ordinals.select(number)].slice(1);

/** The time of day in UTC, of an ISO date and time. */
export const timeOfDay = (iso) => (iso ? new Date(iso).toISOString().slice(11, 19) : "");

/** Date and time in UTC, such as "2026-11-23 07:40:00". */
export const moment = (iso) => new Date(iso).toISOString().slice(0, 19).replace("T", " ");

export const milliseconds = (number) => `${number < 10 ? number.toFixed(1) : Math.round(number)} ms`;

/** The text indented if it is JSON, and as it is if not. Numbers stay as they were written if they are too long. */
export function pretty(text) {
  if (/\d{16}/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * The value of a JSON text. A whole number with more digits than JavaScript can hold, such as the id of an order, becomes
 * a text, so that it stays what it is.
 */
export function parsed(text) {
  return JSON.parse(/\d{16}/.test(text) ? text.replace(TOKENS, (token) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token)) : text);
}

const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;

function kindOf([token, string, colon]) {
  if (string) return colon ? "key" : "string";
  return /^[-\d]/.test(token) ? "number" : "word";
}

/** The parts of a JSON text in order, as [kind, text]; kind is "", "key", "string", "number" or "word". */
export function partsOfJson(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (match.index > end) parts.push(["", text.slice(end, match.index)]);
    const shown = match[1] ?? match[0];
    parts.push([kindOf(match), shown]);
    end = match.index + shown.length;
  }
  parts.push(["", text.slice(end)]);
  return parts;
}
