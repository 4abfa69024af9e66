// A response of the fake as a file.
import { get } from "../api.js";

/** Saves the response of a GET under a name. It stays text: read and written again, long ids would change. */
export async function download(path, name) {
  const text = await get(path, {}, { asText: true });
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
