// The quirks that explain a status: those that the exchange covers whose statement names the status.
const MOST = 2;

/** Returns at most two of the exchange's quirks, from `known`, the catalogue by id. Most 200s need no explanation. */
export function explaining({ status, quirks }, known) {
  if (!known || !status || status === 200) return [];
  const named = new RegExp(`\\b${status}\\b`);
  return quirks.map((id) => known.get(id)).filter((quirk) => quirk && named.test(quirk.statement)).slice(0, MOST);
}

export const shortName = ({ slug }) => slug.replaceAll("_", " ").toLowerCase();

/** Whether a fault, in the words of the journal, did no more than delay the response. */
export const isOnlyLate = (fault) => fault.split("; ").every((one) => / s late( on the clock)?$/.test(one));
