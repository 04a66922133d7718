// An answer waits out a lost line: a boosted form with data-waits="words" says so, keeps what was chosen, and sends
// it again by itself until it arrived. What a POST would have sent is kept in the tab (sessionStorage), so that it also
// outlives a reload; it is forgotten once it arrived, and at the latest with the tab.
const AGAIN = 3000;
const KEPT = "answers";
const waiting = new Map();
let timer;

const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

function write(all) {
  if (Object.keys(all).length) sessionStorage.setItem(KEPT, JSON.stringify(all));
  else sessionStorage.removeItem(KEPT);
}

function forget(address) {
  const all = kept();
  if (!(address in all)) return;
  delete all[address];
  write(all);
}

const formOf = (element) => [element?.form, element?.closest?.("form")].find((form) => form?.dataset?.waits);
const chosen = (form) => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");

function say(form, words) {
  const place = form.querySelector("[data-waits-here]");
  if (place) place.textContent = words;
}

function again(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  if (form.isConnected) form.requestSubmit();
}

function lost(event) {
  const form = formOf(event.target);
  if (!form) return;
  say(form, form.dataset.waits);
  if (form.method === "post") write({ ...kept(), [form.action]: chosen(form) });
  if (event.target === form) {
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(again, AGAIN, form));
  } else {
    later();
  }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(sendKept, AGAIN);
}

async function sendKept() {
  clearTimeout(timer);
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  for (const [address, pairs] of Object.entries(kept())) {
    const body = new URLSearchParams([...pairs, ["stay", "1"], ["csrfmiddlewaretoken", token]]);
    try {
      const answer = await fetch(address, { method: "POST", body });
      if (answer.status >= 500) throw new Error(String(answer.status));
      arrived(address, pairs, answer.ok ? (await answer.text()).trim() : "");
    } catch {
      later(); // still no line
      return;
    }
  }
}

// What was chosen meanwhile is sent anew, not taken for what arrived.
function arrived(address, pairs, words) {
  if (JSON.stringify(kept()[address]) !== JSON.stringify(pairs)) return later();
  forget(address);
  const form = shown();
  if (form?.action !== address) return;
  say(form, "");
  const place = document.getElementById("saved");
  if (place && words && !words.startsWith("<")) place.textContent = words;
}

const shown = () => document.querySelector("form[data-waits][method=post]");

// A page that was loaded again shows what had been chosen before the line was lost.
function restore() {
  const form = shown();
  const pairs = form && kept()[form.action];
  if (pairs) {
    say(form, form.dataset.waits);
    for (const field of form.elements) {
      const values = pairs.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else if (field.type === "text" && values.length) [field.value] = values;
    }
  }
  if (Object.keys(kept()).length) sendKept();
}

document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:timeout", lost);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event.detail.elt);
  if (!form || !event.detail.successful) return;
  forget(form.action);
  say(form, "");
});
window.addEventListener("online", () => {
  for (const form of [...waiting.keys()]) again(form);
  sendKept();
});
restore();
