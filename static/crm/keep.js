// Forms that lose nothing: what was typed and not saved comes back when the form is opened again in this tab, also after
// its sheet was closed or its page left.
//
// form[data-keep]   whose words they are, and of what; with data-typed it comes from the server with words in it that
//                   are not saved, and its hidden copies initial-<field> say what was shown before
//
// Files come back as long as the page lives; drafts that save themselves need none of this (forms.js).

const words = document.getElementById("words")?.dataset ?? {};

const keepers = "form[data-keep]";
const KEPT = "kept";
const MOST_KEPT = 20; // forms
const keptWords = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
const keptFiles = new Map(); // key of a form -> {name: [File]}; files stay as long as the page
const shownAs = new WeakMap(); // form -> {name: its values when it came}
const savedForms = new WeakSet();

const keyOf = (form) => `${form.dataset.keep} ${form.getAttribute("action")}`;
const typedFields = (form) => [...form.elements].filter((field) => field.name && !field.disabled && field.matches("input, select, textarea") && !["hidden", "submit", "button"].includes(field.type) && !field.name.startsWith("take_"));
function valuesOf(form) {
  const values = {};
  for (const field of typedFields(form)) {
    const list = values[field.name] ??= [];
    if (field.type === "file") list.push(...[...field.files].map((file) => file.name));
    else if (field.matches("select")) list.push(...[...field.selectedOptions].map((option) => [option.value, option.textContent]));
    else if (!["checkbox", "radio"].includes(field.type) || field.checked) list.push(field.value);
  }
  return values;
}
// What the form would show with nothing typed in it.
function withoutWords(form) {
  const values = valuesOf(form);
  if (!form.matches("[data-typed]")) return values;
  return Object.fromEntries(Object.keys(values).map((name) => [name, form.elements[`initial-${name}`]?.value ?? ""]));
}
const plain = (value) => (Array.isArray(value) ? value.map((each) => (Array.isArray(each) ? each[0] : each)).filter(Boolean).join("\n") : value);
const isBox = (form, name) => form.querySelector(`input[type=checkbox][name="${CSS.escape(name)}"]`);
const same = (form, name, one, other) => (isBox(form, name) ? isOn(plain(one)) === isOn(plain(other)) : plain(one) === plain(other));
const isOn = (text) => !["", "False"].includes(text);

function changedIn(form) {
  const [before, now] = [shownAs.get(form) ?? {}, valuesOf(form)];
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(form, name, value, before[name] ?? "")));
}
function keep(form) {
  if (savedForms.has(form) || !shownAs.has(form)) return false;
  const [key, changed, kept] = [keyOf(form), changedIn(form), keptWords()];
  delete kept[key];
  keptFiles.delete(key);
  if (Object.keys(changed).length) {
    const shown = Object.fromEntries(Object.keys(changed).map((name) => [name, form.elements[`initial-${name}`]?.value]));
    kept[key] = { changed, shown };
    keptFiles.set(key, Object.fromEntries([...form.querySelectorAll("input[type=file]")].map((field) => [field.name, [...field.files]])));
  }
  for (const old of Object.keys(kept).slice(0, -MOST_KEPT)) delete kept[old];
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  return key in kept;
}
function forget(form) {
  const kept = keptWords();
  delete kept[keyOf(form)];
  keptFiles.delete(keyOf(form));
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}
function putBack(form, name, value) {
  for (const field of typedFields(form).filter((each) => each.name === name)) {
    if (field.type === "file") {
      const files = keptFiles.get(keyOf(form))?.[name] ?? [];
      const chosen = new DataTransfer();
      for (const file of files) chosen.items.add(file);
      field.files = chosen.files;
    } else if (field.matches("select")) {
      for (const [option, label] of value) if (![...field.options].some((each) => each.value === option)) field.add(new Option(label, option));
      for (const option of field.options) option.selected = value.some(([chosen]) => chosen === option.value);
    } else if (["checkbox", "radio"].includes(field.type)) field.checked = value.includes(field.value);
    else field.value = value[0] ?? "";
  }
}
function bringWordsBack(form) {
  if (shownAs.has(form)) return;
  shownAs.set(form, withoutWords(form));
  const kept = keptWords()[keyOf(form)];
  if (!kept || form.matches("[data-typed]")) return;
  for (const [name, value] of Object.entries(kept.changed)) putBack(form, name, value);
  forget(form);
  if (!Object.keys(changedIn(form)).length) return;
  // What they were written over: the server asks where somebody else has changed it since.
  for (const [name, value] of Object.entries(kept.shown)) if (value !== undefined && form.elements[`initial-${name}`]) form.elements[`initial-${name}`].value = value;
  const note = document.getElementById("words-kept").content.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => startOver(form));
  (form.querySelector(".body.pile") ?? form).prepend(note);
}
function startOver(form) {
  const layer = form.closest("dialog .layer");
  forget(form);
  savedForms.add(form);
  if (layer) htmx.ajax("GET", form.getAttribute("action"), { target: layer, swap: "innerHTML" });
  else location.reload();
}
document.addEventListener("layerClosed", (event) => {
  const forms = [...event.target.querySelectorAll(keepers)];
  if (forms.filter(keep).length) document.dispatchEvent(new CustomEvent("toast", { detail: { toasts: [{ text: words.kept, level: "info" }] } }));
});
addEventListener("pagehide", () => { for (const form of document.querySelectorAll(keepers)) keep(form); });
// Saved: the answer leads away. A part of it that was saved by a button of its own comes back as a new form.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.detail.elt.form ?? event.detail.elt.closest?.(keepers);
  if (!form?.matches?.(keepers) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  forget(form);
  savedForms.add(form);
}, { capture: true });

const prepare = (within) => { for (const form of within.querySelectorAll(keepers)) bringWordsBack(form); };
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement ?? event.detail.elt));
