// Where places do not all fit, the one of this page is in sight; only its own row or column moves, never the page.
for (const here of document.querySelectorAll(".topbar nav > [aria-current], .sidebar [aria-current], .tabs > [aria-current]")) {
  const box = here.closest("nav, .sidebar");
  const [place, seen] = [here.getBoundingClientRect(), box.getBoundingClientRect()];
  if (place.left < seen.left || place.right > seen.right) box.scrollLeft += place.left + place.width / 2 - (seen.left + seen.width / 2);
  if (place.top < seen.top || place.bottom > seen.bottom) box.scrollTop += place.top + place.height / 2 - (seen.top + seen.height / 2);
}
