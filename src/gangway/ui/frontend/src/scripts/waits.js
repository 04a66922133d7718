// An answer waits out a lost line: a boosted form with data-waits="words" says so, keeps what was chosen, and sends
// it again by itself until it arrived. Nothing is written to the browser's storage.
const AGAIN = 3000;
const waiting = new Map();

function again(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  if (form.isConnected) form.requestSubmit();
}

function lost(event) {
  const form = event.target.closest?.("form[data-waits]");
  if (!form) return;
  const place = form.querySelector("[data-waits-here]");
  if (place) place.textContent = form.dataset.waits;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(again, AGAIN, form));
}

document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:timeout", lost);
window.addEventListener("online", () => { for (const form of [...waiting.keys()]) again(form); });
