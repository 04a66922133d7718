// The six-digit code: keeps digits only, and sends the form when the sixth stands (typed, pasted or filled in).
const ARABIC = /[\u0660-\u0669\u06f0-\u06f9]/g;

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches("[data-code]")) return;
  const digits = field.value.replace(ARABIC, (sign) => String(sign.charCodeAt(0) & 15)).replace(/\D/g, "").slice(0, field.maxLength);
  if (digits !== field.value) field.value = digits;
  if (digits.length === field.maxLength && field.hasAttribute("data-autosubmit")) field.form.requestSubmit();
});
