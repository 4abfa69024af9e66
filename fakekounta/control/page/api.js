// All requests of the page. Paths are relative to /_fakekounta/.
import { parsed } from "./text.js";

const BASE = "/_fakekounta/";
const NAMESPACE_IN_PATH = /^\/_fakekounta\/ns\/([^/]+)\//;

const TOKEN = "fakekounta-token";

let token = kept();
const listeners = new Set();

let namespace = decodeURIComponent(NAMESPACE_IN_PATH.exec(location.pathname)?.[1] ?? "");

/** A call that the fake refused (`status`) or could not be reached for (`status` 0). The message is for people. */
export class CallFailed extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export const currentNamespace = () => namespace;

export function useNamespace(name) {
  namespace = name;
}

function kept() {
  try {
    return sessionStorage.getItem(TOKEN) ?? "";
  } catch {
    return ""; // Storage can be switched off: then the token lasts as long as the page.
  }
}

/** Sends this control token from now on, until the tab is closed. */
export function useToken(given) {
  token = given;
  try {
    sessionStorage.setItem(TOKEN, given);
  } catch {
    // See above.
  }
}

/** Calls `listener` whenever the fake asks for a control token; returns a function that ends this. */
export function onTokenWanted(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The one place where headers of the page's requests are set. */
function headers(isChange, ofTheFake) {
  return {
    Accept: "application/json",
    ...(isChange ? { "Content-Type": "application/json" } : {}),
    ...(token ? { "X-Fakekounta-Token": token } : {}),
    ...(namespace && !ofTheFake ? { "X-Fakekounta-Namespace": namespace } : {}),
  };
}

function target(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== false);
  return BASE + path + (given.length ? `?${new URLSearchParams(given)}` : "");
}

function refusalOf(received) {
  try {
    return JSON.parse(received).error_description;
  } catch {
    return undefined; // of a proxy in between
  }
}

/**
 * Returns the JSON response of a call, as a text with `asText`. `text` is sent unchanged, `body` as JSON; `ofTheFake`
 * leaves the namespace out.
 * Throws CallFailed, and AbortError if `signal` says so.
 */
export async function call(method, path, { query = {}, body, text, signal, asText = false, ofTheFake = false } = {}) {
  const isChange = method !== "GET";
  const content = text ?? (isChange ? JSON.stringify(body ?? {}) : undefined);
  let answer, received;
  try {
    answer = await fetch(target(path, query), { method, headers: headers(isChange, ofTheFake), body: content, signal });
    received = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new CallFailed("The fake does not answer. Is it still running?", 0);
  }
  if (answer.status === 401) for (const listener of listeners) listener();
  if (!answer.ok) throw new CallFailed(refusalOf(received) ?? `The fake answered ${answer.status}`, answer.status);
  return asText ? received : parsed(received);
}

export const get = (path, query, options = {}) => call("GET", path, { query, ...options });

let catalogue;

/** Returns the quirks with their statements by id; requested once, because they never change. */
export function statements() {
  catalogue ??= get("quirks").then((quirks) => new Map(quirks.map((quirk) => [quirk.id, quirk])));
  catalogue.catch(() => (catalogue = undefined));
  return catalogue;
}
