// Lists: the current row and its keys, selection with the bar below, more rows at the end.
//
// <form data-select>                     selection: boxes `.ck input` in the rows, one in the head, a `.bulk[data-bulk]`
//   <table class="t" data-rows>          rows that J/K walk; each row's link is `[data-open]` or its first a.link,
//     <tbody id="rows"><tr>              and `[data-preview]` in a row (an element with hx-get) shows it beside
//
// Nothing here is needed: links open, boxes post, "select all matching" is a box of its own.

const singleKeys = document.documentElement.dataset.shortcuts === "on";
const words = document.getElementById("words")?.dataset ?? {};

// ---- Selection ------------------------------------------------------------------------------------------------------

const boxesOf = (form) => [...form.querySelectorAll("tbody .ck input[type=checkbox]")];
let lastBox; // where Shift extends from

function showSelection(form) {
  const boxes = boxesOf(form);
  const all = form.querySelector("thead .ck input");
  const matching = form.querySelector("[data-all-matching]");
  if (matching?.checked) for (const box of boxes) box.checked = true;
  const count = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr").classList.toggle("sel", box.checked);
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  const bar = form.querySelector("[data-bulk]");
  if (!bar) return;
  bar.classList.toggle("on", count > 0);
  bar.querySelector("[data-n]").textContent = matching?.checked ? matching.dataset.total : count;
}

function select(form, boxes, on) {
  for (const box of boxes) box.checked = on;
  const matching = form.querySelector("[data-all-matching]");
  if (!on && matching) matching.checked = false;
  showSelection(form);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-select]");
  if (!form) return;
  if (event.target.matches("thead .ck input")) select(form, boxesOf(form), event.target.checked);
  else if (event.target.matches("[data-all-matching]")) select(form, boxesOf(form), event.target.checked);
  else if (event.target.matches("tbody .ck input")) { select(form, [event.target], event.target.checked); lastBox = event.target; }
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-select]");
  if (form && event.target.closest("[data-clear]")) select(form, boxesOf(form), false);
  if (form && event.shiftKey && event.target.matches("tbody .ck input")) extend(form, event.target);
});

function extend(form, box) {
  const boxes = boxesOf(form);
  const [from, to] = [boxes.indexOf(lastBox ?? box), boxes.indexOf(box)].sort((a, b) => a - b);
  select(form, boxes.slice(Math.max(from, 0), to + 1), box.checked);
}

// ---- The current row ------------------------------------------------------------------------------------------------

const tableHere = () => {
  if (document.querySelector("dialog[open]")) return null;
  return document.activeElement?.closest("table[data-rows]") ?? document.querySelector("main table[data-rows]");
};
const rowsOf = (table) => [...table.tBodies].flatMap((body) => [...body.rows]);
const linkOf = (row) => row.querySelector("[data-open]") ?? row.querySelector("a.link, a[href]");
const currentRow = (table) => document.activeElement?.closest("table[data-rows] tbody tr") ?? table.querySelector("tbody tr.cur");

function makeCurrent(row, focus = true) {
  for (const other of row.closest("table").querySelectorAll("tr.cur")) other.classList.remove("cur");
  row.classList.add("cur");
  if (focus) (linkOf(row) ?? row.querySelector("input"))?.focus();
}

function preview(row) {
  const control = row.querySelector("[data-preview]");
  if (control) { makeCurrent(row, false); control.click(); }
  return Boolean(control);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const field = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const table = !field && tableHere();
  if (!table) return;
  const inTable = table.contains(event.target);
  const latin = event.key.length === 1 && /[^\x00-\x7f]/.test(event.key) ? event.code.replace(/^Key/, "").toLowerCase() : event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    const form = table.closest("[data-select]");
    if (latin !== "a" || !inTable || !form) return;
    event.preventDefault();
    const all = form.querySelector("[data-all-matching]");
    if (all && boxesOf(form).every((box) => box.checked)) all.checked = true;
    return select(form, boxesOf(form), true);
  }
  const step = { j: 1, k: -1, arrowdown: 1, arrowup: -1 }[latin];
  const row = currentRow(table);
  if (step && (inTable || (singleKeys && latin.length === 1))) {
    if (latin.length === 1 && !singleKeys) return;
    const rows = rowsOf(table);
    const next = row ? rows[rows.indexOf(row) + step] : rows[step > 0 ? 0 : rows.length - 1];
    event.preventDefault();
    if (next) makeCurrent(next);
  } else if (row && singleKeys && latin === "x") {
    const box = row.querySelector(".ck input");
    if (!box) return;
    event.preventDefault();
    if (event.shiftKey) { box.checked = true; extend(table.closest("[data-select]"), box); } else box.click();
  } else if (row && latin === " " && singleKeys && !event.target.closest("input, button, summary")) {
    if (preview(row)) event.preventDefault();
  } else if (row && latin === "enter" && !event.target.closest("a, input, button, summary")) {
    event.preventDefault();
    linkOf(row)?.click();
  }
});

// A click on empty space in a row does what Space does.
document.addEventListener("click", (event) => {
  const row = event.target.closest("table[data-rows] tbody tr");
  if (!row || event.target.closest("a, button, input, label, select, summary, [data-preview]") || String(getSelection())) return;
  preview(row);
});

// ---- More rows ------------------------------------------------------------------------------------------------------

let rowsBefore;
document.addEventListener("htmx:beforeSwap", (event) => {
  rowsBefore = event.detail.requestConfig.elt.matches("[data-more]") ? event.detail.target.rows.length : null;
});
document.addEventListener("htmx:afterSettle", (event) => {
  for (const form of document.querySelectorAll("[data-select]")) showSelection(form);
  if (rowsBefore === null || event.detail.target.id !== "rows") return;
  const first = event.detail.target.rows[rowsBefore];
  rowsBefore = null;
  if (first) makeCurrent(first);
  const said = document.getElementById("pager-text")?.textContent ?? "";
  const status = document.getElementById("list-status") ?? Object.assign(document.createElement("div"), { id: "list-status", className: "vh" });
  status.setAttribute("role", "status");
  document.querySelector("main").append(status);
  status.textContent = `${words.loaded} ${said}`;
});

for (const form of document.querySelectorAll("[data-select]")) showSelection(form);
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-select]")) showSelection(form); });
