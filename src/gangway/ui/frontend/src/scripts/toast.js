// A toast goes after eight seconds, unless someone reads it (pointer or focus on it); its button closes it now.
function leave(toast) {
  if (toast.matches(":hover, :focus-within")) setTimeout(leave, 4000, toast);
  else toast.remove();
}

function watch(root) {
  for (const toast of root.querySelectorAll(".toast:not([data-stays])")) setTimeout(leave, 8000, toast);
}

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
document.addEventListener("htmx:afterSwap", (event) => watch(event.target));
watch(document);
