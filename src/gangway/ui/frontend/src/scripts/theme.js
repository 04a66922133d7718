// Follows the system unless the person chose; the choice is a cookie, so the server draws the right page at once.
const YEAR = 60 * 60 * 24 * 365;

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (!choice) return;
  const theme = choice.dataset.themeChoice;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme === "system" ? 0 : YEAR}; samesite=lax`;
  for (const other of document.querySelectorAll("[data-theme-choice]")) {
    other.setAttribute("aria-pressed", String(other === choice));
  }
});

function show(root) {
  for (const group of root.querySelectorAll("[data-needs-script]")) group.hidden = false;
}

document.addEventListener("htmx:afterSwap", (event) => show(event.target));
show(document);
