// What is selected is counted in words above the rows; the bar shows itself when there is something to do.
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-list]");
  if (!list || !event.target.matches("[data-pick], [data-pick-all]")) return;
  const picks = [...list.querySelectorAll("[data-pick]")];
  if (event.target.matches("[data-pick-all]")) for (const pick of picks) pick.checked = event.target.checked;
  for (const pick of picks) pick.closest("tr").toggleAttribute("data-selected", pick.checked);
  const count = picks.filter((pick) => pick.checked).length;
  const bar = list.querySelector("[data-bulk]");
  if (bar) bar.hidden = count === 0;
  for (const place of list.querySelectorAll("[data-picked]")) place.textContent = String(count);
});
