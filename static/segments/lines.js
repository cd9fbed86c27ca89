// Segment lines: one cell becomes its control and its row comes back saved (ui 4.1).
//
// <a class="cell" data-cell>          Enter or click: htmx puts the editor into its cell; Backspace on an own value resets it
// [data-cell-editor=name data-row=…]  Enter saves and goes down, a choice saves at once, Esc brings the row back
//
// Nothing here is needed: without it each cell is a link to a page with the same control.

const controlOf = (editor) => editor.querySelector("select, input:not([type=hidden])");
const cellOf = (row, name) => row?.querySelector(`[data-cell="${name}"]`);
let wanted; // {row: id, name}: what gets the focus when a row has come

document.addEventListener("htmx:afterSwap", (event) => {
  const editor = document.querySelector("[data-cell-editor]");
  if (editor) wanted = undefined; // what was typed is refused, or the next cell is open already
  if (editor && !editor.contains(document.activeElement)) {
    const control = controlOf(editor);
    control.dataset.before = control.value;
    control.focus();
    if (control.select) control.select();
  }
  if (wanted && event.target.closest?.(".seg-lines")) {
    cellOf(document.getElementById(wanted.row), wanted.name)?.focus();
    wanted = undefined;
  }
});

function save(editor, down) {
  if (editor.dataset.saving) return;
  const control = controlOf(editor);
  const row = editor.closest("tr");
  if (control.value === control.dataset.before) return leave(editor, down);
  editor.dataset.saving = "1";
  wanted = { row: (down && row.nextElementSibling?.id) || row.id, name: editor.dataset.cellEditor };
  window.htmx.trigger(editor, "save");
}

function leave(editor, down) {
  if (editor.dataset.saving) return;
  editor.dataset.saving = "1";
  const row = editor.closest("tr");
  wanted = { row: (down && row.nextElementSibling?.id) || row.id, name: editor.dataset.cellEditor };
  window.htmx.ajax("GET", editor.dataset.row, { source: row, target: row, swap: "outerHTML" });
}

document.addEventListener("keydown", (event) => {
  const editor = event.target.closest("[data-cell-editor]");
  if (editor) {
    if (event.key === "Enter") { event.preventDefault(); save(editor, true); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); leave(editor, false); }
    return;
  }
  const cell = event.target.closest("a.cell.ovr");
  if (cell && event.key === "Backspace") {
    event.preventDefault();
    const row = cell.closest("tr");
    wanted = { row: row.id, name: cell.dataset.cell };
    window.htmx.ajax("POST", cell.getAttribute("href"), { source: row, target: row, swap: "outerHTML", values: { [cell.dataset.cell]: "", seen: cell.dataset.seen } });
  }
}, true);

document.addEventListener("change", (event) => {
  const editor = event.target.closest("[data-cell-editor]");
  if (editor && event.target.matches("select")) save(editor, false);
});

document.addEventListener("focusout", (event) => {
  const editor = event.target.closest("[data-cell-editor]");
  if (editor && document.contains(editor) && !editor.contains(event.relatedTarget) && event.relatedTarget) save(editor, false);
});

// A refused value keeps its editor open: it may be saved again.
document.addEventListener("htmx:responseError", (event) => {
  const editor = event.target.closest?.("[data-cell-editor]");
  if (editor) { delete editor.dataset.saving; wanted = undefined; }
});
