// A window on a long list: visible pages are requested, and refreshed while they are visible.
import { get } from "../api.js";
import { useEffect, useRef, useState } from "../html.js";
import { useLive } from "../live.js";

const PAGE = 100;
const SECONDS = 2;
const REST_MS = 40; // pages that scroll past quickly are not requested

const pagesIn = ([first, last]) => {
  const pages = [];
  for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) pages.push(page);
  return pages;
};

async function load(plural, query, seen, signal, before) {
  const wanted = pagesIn(seen.current);
  const answers = await Promise.all(
    wanted.map((page) => get(plural, { ...query, offset: page * PAGE, limit: PAGE }, { signal })),
  );
  const { total } = answers[0];
  const kept = before?.total === total ? before.pages : [];
  return { total, pages: new Map([...kept, ...wanted.map((page, index) => [page, answers[index][plural]])]) };
}

/** `plural` names the records, as in paths of control calls: `rows(index)` is one of them or undefined, `see([first, last])` tells what is in sight, `total` how many there are. */
export function useWindow(plural, query) {
  const seen = useRef([0, 0]);
  const rest = useRef(0);
  const key = JSON.stringify([plural, query]);
  const [shownKey, setShownKey] = useState(key);
  const { value, error, refresh } = useLive(
    async (signal, before) => {
      const answer = await load(plural, query, seen, signal, before);
      setShownKey(key);
      return answer;
    },
    SECONDS,
    [key],
  );
  useEffect(() => {
    seen.current = [0, 0];
    return () => clearTimeout(rest.current);
  }, [key]);
  const see = (range) => {
    seen.current = range;
    if (shownKey !== key || pagesIn(range).every((page) => value.pages.has(page))) return;
    clearTimeout(rest.current);
    rest.current = setTimeout(refresh, REST_MS);
  };
  return { rows: (index) => value?.pages.get(Math.floor(index / PAGE))?.[index % PAGE], total: value?.total, error, see, refresh };
}
