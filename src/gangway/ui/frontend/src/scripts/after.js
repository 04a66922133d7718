// A button that may be pressed only after a while counts the seconds down; without script the server says when.
for (const button of document.querySelectorAll("button[data-after]")) {
  const place = button.querySelector("span") ?? button;
  const words = place.textContent;
  const due = Date.now() + Number(button.dataset.after) * 1000;
  const tick = () => {
    const left = Math.ceil((due - Date.now()) / 1000);
    button.disabled = left > 0;
    place.textContent = left > 0 ? button.dataset.afterWords.replace("%s", String(left)) : words;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}
