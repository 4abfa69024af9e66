// The columns of the list of customers.
const nameOf = ({ first_name: first, last_name: last }) => [first, last].filter(Boolean).join(" ") || "(no name)";
const placeOf = ({ primary_address: primary, shipping_address: shipping }) => {
  const { address, city, state, postal_code: code, country } = primary ?? shipping ?? {};
  return [address, city, state, code, country].filter(Boolean).join(", ");
};

/** The columns; `sort` is the name that the fake sorts by. */
export const COLUMNS = [
  { name: "name", title: "Name", sort: "name", text: nameOf },
  { name: "email", title: "Email", sort: "email", text: (one) => one.email ?? "" },
  { name: "phone", title: "Mobile or phone", sort: "phone", text: (one) => one.mobile || one.phone || "" },
  { name: "reference", title: "Reference id", sort: "reference_id", text: (one) => Object.values(one.reference_ids).join(", ") },
  { name: "place", title: "Address", text: placeOf },
  { name: "tags", title: "Tags", text: (one) => one.tags.join(", ") },
  { name: "id", title: "Id", sort: "id", text: (one) => String(one.id) },
];
const named = (...names) => names.map((name) => COLUMNS.find((one) => one.name === name));
/** What narrow rows have below the name, a line each. */
export const BELOW = [named("email", "phone"), named("id", "reference", "place", "tags")];
