// Runs before the first paint, so that a chosen theme does not flash. The choice is "light", "dark" or none of them.
"use strict";
try {
  const chosen = localStorage.getItem("fakekounta-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage can be switched off: then the system decides.
}
