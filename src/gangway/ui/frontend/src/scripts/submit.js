// A filter answers when it is chosen; the button beside it is for those without script.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
