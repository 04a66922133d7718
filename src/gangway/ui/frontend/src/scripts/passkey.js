// Passkeys: <form data-passkey="create|get" data-ask="where the question comes from" data-origin="of this house">.
// The answer travels in the form's own field, so the page that follows is the server's. Forms stay hidden where the
// browser knows no passkeys, or stands at another address than the one they are made for.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function question(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  read.excludeCredentials = known(options.excludeCredentials);
  read.allowCredentials = known(options.allowCredentials);
  return read;
}

function answer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) said[part] = text(response[part]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
}

function say(form, words) {
  const place = form.querySelector("[data-says]");
  place.textContent = words;
  place.hidden = !words;
}

async function ask(form) {
  say(form, "");
  const sent = await fetch(form.dataset.ask, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  const options = await sent.json();
  if (!sent.ok) return say(form, [options.message, options.next_step].join(" "));
  const publicKey = question(options);
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.elements.credential.value = answer(credential);
  form.submit();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  ask(form)
    .catch((error) => say(form, error.name === "InvalidStateError" ? form.dataset.known : form.dataset.stopped))
    .finally(() => { button.disabled = false; });
});

const here = (form) => window.PublicKeyCredential && form.dataset.origin === location.origin;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !here(form);
  for (const other of document.querySelectorAll(`[data-instead-of="${form.id}"]`)) other.hidden = here(form);
}
