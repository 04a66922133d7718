// Keys of the console: / search, g + letter go, j k rows, x select, Enter open, ? the list; a row's own buttons name theirs.
import "./scripts/editor.js";

const typing = (element) => element.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog[open]");
const rows = () => [...document.querySelectorAll("[data-row]")];
let going = 0;

function step(by) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.findIndex((row) => row.hasAttribute("data-here"));
  const next = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  all[here]?.removeAttribute("data-here");
  next.setAttribute("data-here", "");
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function onHere(selector) {
  document.querySelector("[data-here]")?.querySelector(selector)?.click();
}

const keys = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => step(1),
  k: () => step(-1),
  x: () => onHere("input[type=checkbox]"),
  g: () => { going = Date.now(); },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (Date.now() - going < 1500) {
    going = 0;
    const place = document.querySelector(`a[data-go="${CSS.escape(event.key)}"]`);
    if (place) { event.preventDefault(); place.click(); return; }
  }
  if (event.key === "Enter" && event.target.matches("[data-row]")) return onHere("a");
  const button = document.querySelector("[data-here]")?.querySelector(`[data-press="${CSS.escape(event.key)}"]`);
  if (button) { event.preventDefault(); return button.click(); }
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
