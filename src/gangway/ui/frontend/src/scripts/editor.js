// The Markdown editor: marks around what is selected, the state of the text, and the page as on a phone.
// The page beside the text is drawn by the server (htmx); without this file the buttons Save and Preview remain.
const MARKS = {
  bold: { around: "**" },
  italic: { around: "*" },
  heading: { before: "## " },
  list: { before: "- " },
  link: { open: "[", close: "](https://)" },
  picture: { open: "![", close: "](pictures/)" },
};
const KEYS = { b: "bold", i: "italic", k: "link" };

/** Replaces what is selected as if it were typed, so that Ctrl+Z takes it back. */
function type(area, text) {
  area.focus();
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function mark(area, name) {
  const { around, before, open = around, close = around } = MARKS[name];
  const { selectionStart: start, selectionEnd: end, value } = area;
  if (before) {
    const from = value.lastIndexOf("\n", start - 1) + 1;
    const lines = value.slice(from, end).split("\n");
    const marked = lines.every((line) => line.startsWith(before));
    area.setSelectionRange(from, end);
    type(area, lines.map((line) => (marked ? line.slice(before.length) : before + line)).join("\n"));
    return;
  }
  const words = value.slice(start, end);
  type(area, open + words + close);
  const inside = start + open.length;
  area.setSelectionRange(inside, inside + words.length);
}

const editor = document.querySelector("[data-editor]");
if (editor) {
  const area = editor.querySelector("textarea");
  const marks = editor.querySelector("[data-marks]");
  const state = editor.querySelector("[data-state]");
  let saving = false;
  let unsaved = Boolean(state.textContent.trim());

  area.addEventListener("input", () => {
    unsaved = true;
    state.textContent = state.dataset.unsaved;
  });
  editor.addEventListener("submit", () => { saving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !saving) event.preventDefault();
  });

  if (marks) {
    const buttons = [...marks.querySelectorAll("button")];
    marks.hidden = false;
    buttons.forEach((button, n) => { button.tabIndex = n ? -1 : 0; });
    marks.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mark]");
      if (button) mark(area, button.dataset.mark);
    });
    marks.addEventListener("keydown", (event) => {
      const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
      if (!["ArrowRight", "ArrowLeft"].includes(event.key)) return;
      const step = event.key === forward ? 1 : -1;
      const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
      buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
      next.focus();
    });
  }

  editor.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") {
      event.preventDefault();
      editor.requestSubmit(editor.querySelector("[data-save]"));
    } else if (marks && KEYS[key] && event.target === area) {
      event.preventDefault();
      mark(area, KEYS[key]);
    }
  });

  document.querySelector("[data-phone]")?.addEventListener("change", (event) => {
    document.getElementById("preview").toggleAttribute("data-narrow", event.target.checked);
  });
}
