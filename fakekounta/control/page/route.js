// The address of a view: #/panel or #/panel/id, with a query for filters.
import { useEffect, useState } from "./html.js";

export function routeOf(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [panel = "", ...rest] = path.split("/");
  return { panel, id: rest.map(decodeURIComponent).join("/"), query: Object.fromEntries(new URLSearchParams(query)) };
}

export function addressOf(panel, id = "", query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  return `#/${panel}${id === "" ? "" : `/${encodeURIComponent(id)}`}${search}`;
}

export function go(address) {
  location.hash = address;
}

export function useRoute() {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const changed = () => setRoute(routeOf(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
