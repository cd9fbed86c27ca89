// Keys are declared where they act: data-key="n", "c alt+n" (two ways), "ctrl+enter", "g>h" (G, then H), "[".
// The innermost place wins: the open dialog, then main, then the house. A field is focused, anything else is clicked.
// data-key-label names it in the list under "?"; else the label, text or placeholder of the control does.
// On a table with data-rows, J/K (or the arrows), Enter, Space, X and Ctrl+A walk its rows (see lists.js).

const root = document.documentElement;
const words = document.getElementById("words")?.dataset ?? {};
const singleKeys = root.dataset.shortcuts === "on";
let before = ""; // the first key of a pair such as G, then H
let forget;

const isField = (node) => node?.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true], [contenteditable='']");

// The names that one key press answers to, best first: the letter itself, else the key that carries it on a Latin layout.
function namesOf(event) {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const modified = (name) => [event.ctrlKey || event.metaKey ? "ctrl" : "", event.altKey ? "alt" : "", event.shiftKey && name.length > 1 ? "shift" : "", name].filter(Boolean).join("+");
  const names = [modified(key)];
  const cyrillic = /[^\x00-\x7f]/.test(event.key) && event.key.length === 1;
  if (cyrillic || event.ctrlKey || event.altKey || event.metaKey) {
    const letter = event.code.match(/^(?:Key|Digit)(.)$/)?.[1].toLowerCase();
    const sign = { BracketLeft: "[", BracketRight: "]", Slash: "/", Backslash: "\\", Period: ".", Comma: "," }[event.code];
    if (letter ?? sign) names.push(modified(letter ?? sign));
  } else if (event.key === "." && event.code === "Slash") names.push("/"); // where a Cyrillic layout has its full stop
  else if (event.key === "," && event.code === "Slash") names.push("?"); // and with Shift its comma
  return names;
}

const isSingle = (name) => !/ctrl\+|alt\+/.test(name) && !["escape", "enter", "space"].includes(name) && !/^(?:shift\+)?f\d/.test(name);
const keysOf = (control) => control.dataset.key.split(" ");
const visible = (control) => control.checkVisibility?.({ visibilityProperty: true }) ?? control.offsetParent !== null;

function places() {
  const layer = [...document.querySelectorAll("dialog[open]")].at(-1);
  return layer ? [layer] : [document.querySelector("main"), document.body].filter(Boolean);
}

function find(name) {
  for (const place of places()) {
    const found = [...place.querySelectorAll("[data-key]")].filter((control) => keysOf(control).includes(name) && !control.disabled && visible(control));
    if (found.length) return found.at(-1);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const inField = isField(event.target);
  const paired = before;
  before = "";
  clearTimeout(forget);
  for (const name of namesOf(event)) {
    if (isSingle(name) && (inField || !singleKeys)) continue;
    if (name === "ctrl+z" && inField) continue; // the field's own undo
    if (["enter", "space"].includes(name) && event.target.closest("a, button, summary, input, textarea, select, label")) continue;
    const control = (paired && find(`${paired}>${name}`)) || find(name);
    if (control) {
      event.preventDefault();
      if (isField(control)) { control.focus(); control.select?.(); } else control.click();
      return;
    }
    if (name.length === 1 && document.querySelector(`[data-key*="${CSS.escape(name)}>"]`)) {
      before = name;
      forget = setTimeout(() => { before = ""; }, 1200);
      return;
    }
  }
});

// ---- Told to assistive technology -----------------------------------------------------------------------------------

const spoken = { ctrl: "Control", alt: "Alt", shift: "Shift", enter: "Enter", space: "Space", escape: "Escape" };

function announceKeys(within = document) {
  for (const control of within.querySelectorAll("[data-key]:not([aria-keyshortcuts])")) {
    const names = keysOf(control).filter((name) => !name.includes(">") && (singleKeys || !isSingle(name)));
    if (names.length) control.setAttribute("aria-keyshortcuts", names.map((name) => name.split(/\+(?=.)/).map((part) => spoken[part] ?? part).join("+")).join(" "));
  }
}
announceKeys();
document.addEventListener("htmx:load", (event) => announceKeys(event.detail.elt));

// ---- The list under "?" ---------------------------------------------------------------------------------------------

const labelOf = (control) => control.dataset.keyLabel || control.getAttribute("aria-label") || control.placeholder || control.labels?.[0]?.textContent || [...control.childNodes].filter((node) => !node.matches?.("kbd, .n, .vh")).map((node) => node.textContent).join("").trim();
const written = { ctrl: words.ctrl, alt: words.alt, shift: words.shift, enter: words.enter, space: words.space, escape: words.escape };

function keyCap(name) {
  const caps = document.createDocumentFragment();
  for (const part of name.split(/[+>](?=.)/)) {
    const cap = document.createElement("kbd");
    cap.textContent = written[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    caps.append(cap, " ");
  }
  return caps;
}

function listed() {
  const rows = new Map();
  for (const control of document.querySelectorAll("[data-key]")) {
    if (!visible(control) || control.closest("#dialog")) continue;
    const [name] = keysOf(control).filter((key) => singleKeys || !isSingle(key));
    if (name && !rows.has(name)) rows.set(name, labelOf(control));
  }
  if (singleKeys && document.querySelector("table[data-rows]")) {
    for (const [name, label] of [["j", words.keyNext], ["k", words.keyPrevious], ["enter", words.keyOpen], ["space", words.keyPreview], ["x", words.keySelect]]) rows.set(name, label);
  }
  rows.set("escape", words.keyClose);
  return rows;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-shortcuts-help]")) return;
  const rows = listed();
  const layer = document.getElementById("dialog");
  layer.replaceChildren(document.getElementById("shortcuts").content.cloneNode(true));
  const list = layer.querySelector(".keys");
  for (const [name, label] of rows) {
    const key = document.createElement("dt");
    const what = document.createElement("dd");
    key.append(keyCap(name));
    what.textContent = label;
    list.append(key, what);
  }
  document.dispatchEvent(new CustomEvent("openLayer", { detail: { id: "dialog" } }));
});
