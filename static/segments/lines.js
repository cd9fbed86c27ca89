// Segment lines: one cell becomes its control and its row comes back saved (ui 4.1).
//
// <a class="cell" data-cell>          Enter or click: htmx puts the editor into its cell; Backspace on an own value resets it
// [data-cell-editor=name data-row=…]  Enter saves and goes down, Tab saves and goes right, a choice by pointer saves at
//                                     once, one by keys with Enter or Tab, Esc brings the row back
//
// Nothing here is needed: without it each cell is a link to a page with the same control.

const controlOf = (editor) => editor.querySelector("select, input:not([type=hidden])");
const cellOf = (row, name) => row?.querySelector(`[data-cell="${name}"]`);
let wanted; // {row: id, name, open}: what gets the focus when a row has come, and whether it is edited then

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
    const { row, name, open } = wanted;
    wanted = undefined;
    const cell = cellOf(document.getElementById(row), name);
    cell?.focus();
    if (open) document.addEventListener("htmx:afterSettle", () => cell?.click(), { once: true });
  }
});

const here = (editor) => ({ row: editor.closest("tr").id, name: editor.dataset.cellEditor });
const below = (editor) => ({ ...here(editor), row: editor.closest("tr").nextElementSibling?.id || editor.closest("tr").id });

// then: what gets the focus.
function save(editor, then) {
  if (editor.dataset.saving) return;
  const control = controlOf(editor);
  if (control.value === control.dataset.before) return leave(editor, then);
  editor.dataset.saving = editor.closest("tr").dataset.saving = "1";
  wanted = then;
  window.htmx.trigger(editor, "save");
}

function leave(editor, then) {
  if (editor.dataset.saving) return;
  const row = editor.closest("tr");
  editor.dataset.saving = row.dataset.saving = "1";
  wanted = then;
  window.htmx.ajax("GET", editor.dataset.row, { source: row, target: row, swap: "outerHTML" });
}

// The row of a cell that is being saved is drawn anew: what is opened in it meanwhile opens then.
document.addEventListener("click", (event) => {
  const cell = event.target.closest("a.cell");
  if (!cell?.closest("tr[data-saving]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  wanted = { row: cell.closest("tr").id, name: cell.dataset.cell, open: true };
}, true);

document.addEventListener("keydown", (event) => {
  const editor = event.target.closest("[data-cell-editor]");
  if (editor) {
    if (event.key === "Enter") { event.preventDefault(); save(editor, below(editor)); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); leave(editor, here(editor)); }
    else if (event.key !== "Tab") editor.dataset.keyed = "1"; // arrows pass by choices on their way
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
  if (editor && event.target.matches("select") && !editor.dataset.keyed) save(editor, here(editor));
});
document.addEventListener("pointerdown", (event) => { delete event.target.closest("[data-cell-editor]")?.dataset.keyed; });

document.addEventListener("focusout", (event) => {
  const editor = event.target.closest("[data-cell-editor]");
  const next = event.relatedTarget;
  if (!editor || !next || editor.contains(next) || !document.contains(editor)) return;
  // Its row is drawn anew; what has the focus elsewhere keeps it.
  const { row } = here(editor);
  save(editor, next.closest("tr")?.id === row ? { row, name: next.dataset.cell ?? editor.dataset.cellEditor } : undefined);
});

// A refused value keeps its editor open: it may be saved again.
for (const type of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(type, (event) => {
    const row = event.target.closest?.(".seg-lines tr");
    if (!row) return;
    for (const node of [row, row.querySelector("[data-cell-editor]")]) delete node?.dataset.saving;
    wanted = undefined;
  });
}
