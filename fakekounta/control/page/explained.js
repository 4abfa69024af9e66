// What is said of an exchange: the quirks that explain its status, which the exchange names itself, and its fault.
const MOST = 2;

/** Returns at most two of the quirks that explain the exchange, from `known`, the catalogue by id. */
export function explaining({ explained_by: ids }, known) {
  return known ? ids.map((id) => known.get(id)).filter(Boolean).slice(0, MOST) : [];
}

export const shortName = ({ slug }) => slug.replaceAll("_", " ").toLowerCase();

/** Whether a fault, in the words of the journal, did no more than delay the response. */
export const isOnlyLate = (fault) => fault.split("; ").every((one) => / s late( on the clock)?$/.test(one));
