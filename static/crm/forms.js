// Forms: one submit per press, no lost changes, look-ups with search, drafts that save themselves.
//
// form[data-guard]     asks before leaving with unsaved changes; data-guard="dirty" has some already; [data-guard-note]
//                      in it shows meanwhile
// form[data-autosave]  an htmx form that saves itself; [data-draft-status] in the same .layer or main says how it stands:
//                      data-saving and data-unsaved are its words, the event draftSaved {text, url} brings the rest;
//                      data-on-close: what it posts as `do` when its sheet is closed after something was typed
// form[data-download]  answers with a file, so the page stays and may send again
// select[data-combobox], input[data-combobox]   search while typing; data-url answers {"results": [{"value", "text",
//                      "detail", "initials", "tone"}]} to ?q=

const me = document.getElementById("forms-js");
const words = document.getElementById("words")?.dataset ?? {};

// ---- CSRF: after signing in again in another tab the page's token is old, the cookie's is new ------------------------

const csrfCookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

document.addEventListener("htmx:configRequest", (event) => {
  const token = csrfCookie();
  if (!token) return;
  for (const name of Object.keys(event.detail.headers)) if (name.toLowerCase() === "x-csrftoken") event.detail.headers[name] = token;
  if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token;
});

// ---- One submit per press -------------------------------------------------------------------------------------------

const byHtmx = (node) => node?.matches("[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]");
const hold = (...nodes) => nodes.forEach((node) => node?.setAttribute("aria-busy", "true"));
const release = (...nodes) => nodes.forEach((node) => node?.removeAttribute("aria-busy"));

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const waits = submitter?.getAttribute("aria-disabled") === "true";
  if (waits) document.getElementById(submitter.dataset.because)?.focus();
  if (waits || form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const token = csrfCookie();
  if (token && form.elements.csrfmiddlewaretoken) form.elements.csrfmiddlewaretoken.value = token;
}, { capture: true });
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const stays = form.method === "get" || form.matches("[data-download]") || submitter?.matches("[data-download]") || submitter?.formTarget === "_blank";
  if (!event.defaultPrevented && !stays) hold(form, submitter);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const pressed = requestConfig.triggeringEvent;
  if (pressed?.type === "submit") hold(pressed.target, pressed.submitter);
  else if (elt.matches("button")) hold(elt);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const pressed = requestConfig?.triggeringEvent;
  if (pressed?.type === "submit") release(pressed.target, pressed.submitter);
  else if (elt.matches("button")) release(elt);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) release(...document.querySelectorAll("form[aria-busy], button[aria-busy]"));
});

// ---- Unsaved changes ------------------------------------------------------------------------------------------------

const saved = new WeakMap();
const stateOf = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name + value.size : value]).filter(([name]) => name !== "csrfmiddlewaretoken"));
const isDirty = (form) => saved.has(form) && saved.get(form) !== stateOf(form);

function guard(form) {
  if (saved.has(form)) return;
  saved.set(form, form.dataset.guard === "dirty" ? "" : stateOf(form));
  noteChanges(form);
}
function noteChanges(form) {
  for (const note of form.querySelectorAll("[data-guard-note]")) note.hidden = !isDirty(form);
}
for (const type of ["input", "change"]) {
  document.addEventListener(type, (event) => { const form = event.target.form; if (form?.matches("[data-guard]")) noteChanges(form); });
}
document.addEventListener("submit", (event) => { if (!event.defaultPrevented || byHtmx(event.target) || byHtmx(event.submitter)) saved.delete(event.target); });
addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-guard]")].some(isDirty)) event.preventDefault();
});

// ---- Drafts ---------------------------------------------------------------------------------------------------------

const asked = new WeakMap(); // form -> what its last request sent
const statusOf = (form) => (form.closest(".layer, main") ?? document).querySelector("[data-draft-status]");
const unsaved = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosave]");
  const status = form && statusOf(form);
  if (status?.dataset.saving) status.textContent = status.dataset.saving;
});
document.addEventListener("draftSaved", (event) => {
  const form = event.target.closest?.("form[data-autosave]") ?? document.querySelector("form[data-autosave]");
  if (!form) return;
  unsaved.delete(form);
  // What was sent is what the draft holds now; the hidden copies of the shown values follow.
  const sent = new Map(JSON.parse(asked.get(form) ?? "[]"));
  for (const field of form.querySelectorAll("input[type=hidden][name^=initial-]")) field.value = sent.get(field.name.slice(8)) ?? "";
  const { text, url } = event.detail;
  const status = statusOf(form);
  if (status && text) status.textContent = text;
  if (url && form.getAttribute("hx-post") !== url) {
    // The draft exists from now on: its address replaces that of the empty sheet.
    history.replaceState(history.state, "", url);
    form.action = url;
    form.setAttribute("hx-post", url);
    htmx.process(form);
  }
});
for (const type of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(type, (event) => {
    const form = event.detail.elt.closest?.("form[data-autosave]");
    if (!form) return;
    unsaved.add(form);
    const status = statusOf(form);
    if (status?.dataset.unsaved) status.textContent = status.dataset.unsaved;
  });
}
// An answer brings new fields only while nothing has been typed since it was asked for; the next save brings them then.
const leaving = new Set(); // forms whose button has been pressed: what it sends is the last word
const buttonOf = (event) => (event.detail.elt.matches?.("form[data-autosave] button") ? event.detail.elt : undefined);
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("form[data-autosave]")) {
    if (leaving.has(form)) event.preventDefault();
    else asked.set(form, stateOf(form));
  } else if (buttonOf(event)) {
    leaving.add(form.form);
    htmx.trigger(form.form, "htmx:abort");
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (buttonOf(event) && !event.detail.xhr.getResponseHeader("HX-Redirect")) leaving.delete(event.detail.elt.form);
});
document.addEventListener("submit", (event) => { if (event.target.matches("form[data-autosave]")) leaving.add(event.target); });
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (form?.matches?.("form[data-autosave]") && asked.get(form) !== stateOf(form)) {
    event.detail.shouldSwap = false;
    htmx.trigger(form, "autosave");
  }
});
document.addEventListener("input", (event) => event.target.closest("form[data-autosave]")?.setAttribute("data-touched", ""));
addEventListener("pagehide", () => {
  for (const form of document.querySelectorAll("form[data-autosave][data-touched]")) {
    if (leaving.has(form) || asked.get(form) === stateOf(form)) continue;
    const data = new FormData(form);
    data.set("do", "save");
    data.delete("upload");
    navigator.sendBeacon(form.getAttribute("hx-post"), data);
  }
});
document.addEventListener("layerClosed", (event) => {
  const form = event.target.querySelector?.("form[data-autosave][data-on-close][data-touched]");
  if (!form || leaving.has(form)) return;
  const data = new FormData(form);
  data.set("do", form.dataset.onClose);
  data.delete("upload");
  htmx.ajax("POST", form.getAttribute("hx-post"), { values: Object.fromEntries(data), swap: "none", target: document.body });
});

// Saved again as soon as the server is within reach; hx-trigger of the form lists `autosave`.
addEventListener("online", () => { for (const form of unsaved) if (form.isConnected) htmx.trigger(form, "autosave"); });

// ---- The error summary leads into the field --------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const id = event.target.closest("[data-errors] a")?.getAttribute("href").slice(1);
  const field = id && document.getElementById(id);
  if (!field) return;
  event.preventDefault();
  (field.tomselect ?? field).focus();
});

// ---- Passwords ------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-password]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  const use = button.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, shown ? "#i-eye" : "#i-eyeoff"));
});

// ---- Look-ups; the script for them is fetched only where there is one -------------------------------------------------

let tomSelect;
const fetchTomSelect = () => tomSelect ??= new Promise((resolve, reject) => {
  const script = Object.assign(document.createElement("script"), { src: me.dataset.comboboxJs, onload: () => resolve(window.TomSelect), onerror: reject });
  document.head.append(script);
});

const text = (tag, className, content) => Object.assign(document.createElement(tag), { className, textContent: content });

function renderOption(item) {
  const option = text("div", "ts-option", "");
  const lines = text("div", "trunc", "");
  lines.append(text("div", "trunc", item.text));
  if (item.detail) lines.append(text("div", "xs mut trunc", item.detail));
  if (item.initials) {
    option.classList.add("av-1");
    const avatar = text("span", `av ${item.tone ?? ""}`, item.initials);
    avatar.setAttribute("aria-hidden", "true");
    option.append(avatar);
  }
  option.append(lines);
  return option;
}

async function combobox(field) {
  const TomSelect = await fetchTomSelect();
  if (field.tomselect || !field.isConnected) return;
  const url = field.dataset.url;
  const plugins = field.multiple ? ["remove_button"] : [];
  new TomSelect(field, {
    plugins,
    valueField: "value",
    labelField: "text",
    searchField: url ? [] : ["text"],
    maxItems: field.multiple ? null : 1,
    maxOptions: url ? 50 : null,
    create: false,
    preload: url ? "focus" : false,
    loadThrottle: 200,
    // The server searches; what it answers is shown as it comes.
    ...(url && { score: () => () => 1, shouldLoad: () => true, load: (query, done) => fetch(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).then(({ results }) => done(results)).catch(() => done()) }),
    render: {
      option: renderOption,
      item: (item) => text("div", "item trunc", item.text),
      no_results: () => text("div", "no-results", words.nothingFound),
      loading: () => text("div", "spinner mut", "…"),
    },
    onInitialize() {
      field.setAttribute("aria-hidden", "true");
      const name = field.getAttribute("aria-label") ?? "";
      if (name) this.control_input.setAttribute("aria-label", name);
      for (const attribute of ["aria-describedby", "aria-invalid"]) if (field.hasAttribute(attribute)) this.control_input.setAttribute(attribute, field.getAttribute(attribute));
    },
    onChange() { field.dispatchEvent(new Event("input", { bubbles: true })); },
    onType() { if (url) this.clearOptions(); },
  });
}

// A field that a sheet begins with is there to be typed over.
function selectFirst() {
  const field = document.activeElement;
  if (field?.autofocus && field.value) field.select?.();
}
document.addEventListener("layerOpened", selectFirst);
selectFirst();

function prepare(within) {
  // A fragment is parsed as if there were no scripts: what stands in <noscript> would be a second, empty field.
  for (const plain of within.querySelectorAll("noscript")) plain.remove();
  for (const form of within.querySelectorAll("form[data-guard]")) guard(form);
  for (const field of within.querySelectorAll("select[data-combobox], input[data-combobox]")) combobox(field);
}
prepare(document);
document.addEventListener("htmx:load", (event) => { prepare(event.detail.elt.parentElement ?? event.detail.elt); });
document.addEventListener("htmx:beforeCleanupElement", (event) => event.detail.elt.tomselect?.destroy());
