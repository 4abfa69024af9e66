// Copies text. `navigator.clipboard` is there on secure origins only, and a fake may be reached by a name over HTTP.
function selected(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** Copies the text; throws an Error for people if the browser refuses. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!selected(text)) throw new Error("The browser does not let this page copy; select the text instead");
  }
}
