// Forms: one submit per press, no lost changes, look-ups with search, drafts that save themselves.
//
// form[data-guard]     asks before leaving with unsaved changes; data-guard="dirty" has some already; [data-guard-note]
//                      in it shows meanwhile
// form[data-autosave]  an htmx form that saves itself; [data-draft-status] in the same .layer or main says how it stands:
//                      data-saving, data-unsaved (no connection), data-unreachable, data-failed, data-signed-out,
//                      data-forbidden and data-stays are its words, the event draftSaved {text, url,
//                      unread: names of fields that could not be saved} brings the rest; data-unread names them,
//                      what is marked data-until-saved goes when there are none;
//                      data-on-close: what it posts as `do` when its sheet is to close after something was typed; the
//                      event draftClosed lets it close
// form[data-download]  answers with a file, so the page stays and may send again
// select[data-combobox], input[data-combobox]   search while typing; data-url answers {"results": [{"value", "text",
//                      "detail", "initials", "tone"}]} to ?q=
// input[data-picker=date]  gets a button that opens the native picker on data-iso

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

const drafts = "form[data-autosave]";
const asked = new WeakMap(); // form -> what its last request sent
const held = new WeakMap(); // form -> what the server holds
const failed = new Map(); // form -> why its last request saved nothing, and the token it had
const leaving = new Set(); // forms whose button or sheet is on its way: what that sends is the last word
const finished = new WeakSet(); // forms whose sheet may close

const ASIDE = /^(initial-|csrfmiddlewaretoken$|filled$|draft$|author$|next$|in_sheet$|anew$)/;
const typedIn = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => !ASIDE.test(name)).map(([name, value]) => [name, value instanceof File ? value.name + value.size : value]));
const isDue = (form) => form.matches("[data-touched]") && !leaving.has(form) && !finished.has(form) && held.get(form) !== typedIn(form);
// What the server could not read is nowhere but here.
const holdsUnread = (form) => form.matches("[data-unread]") && !leaving.has(form) && !finished.has(form);
const dueDrafts = () => [...document.querySelectorAll(drafts)].filter((form) => isDue(form) || holdsUnread(form));

const statusOf = (form) => (form.closest(".layer, main") ?? document).querySelector("[data-draft-status]");
function say(form, sentence, isBad = false) {
  const status = statusOf(form);
  if (!status || !sentence) return;
  status.textContent = sentence;
  status.classList.toggle("late", isBad);
}
function sayWhy(form, why, closes) {
  const told = statusOf(form)?.dataset ?? {};
  say(form, [told[why] ?? told.unsaved, closes && told.stays].filter(Boolean).join(" "), true);
}
// A field that could not be saved is marked once nobody is typing in it.
function markUnread(form, names) {
  const before = form.dataset.unread?.split(" ") ?? [];
  if (names.length) form.dataset.unread = names.join(" ");
  else {
    delete form.dataset.unread;
    form.querySelector("[data-until-saved]")?.remove();
  }
  for (const field of form.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const isBad = names.includes(field.name);
    if (isBad ? field === document.activeElement : !before.includes(field.name)) continue;
    field.classList.toggle("is-err", isBad);
    if (isBad) field.setAttribute("aria-invalid", "true");
    else {
      field.removeAttribute("aria-invalid");
      document.getElementById(`${field.id}_error`)?.remove();
    }
  }
}
document.addEventListener("focusout", ({ target }) => {
  const form = target.closest?.(`${drafts}[data-unread]`);
  if (form) setTimeout(() => { if (form.dataset.unread) markUnread(form, form.dataset.unread.split(" ")); });
});
const saySaving = (form) => say(form, statusOf(form)?.dataset.saving);

document.addEventListener("input", (event) => {
  const form = event.target.closest(drafts);
  if (!form) return;
  form.setAttribute("data-touched", "");
  if (!failed.has(form)) saySaving(form);
});
// A request that must not go out is stopped here: later it would end the one under way.
document.addEventListener("htmx:confirm", (event) => {
  const { elt: form, triggeringEvent } = event.detail;
  if (!form.matches?.(drafts) || !triggeringEvent) return;
  const { why, token } = failed.get(form) ?? {};
  if (leaving.has(form) || finished.has(form) || (why === "signedOut" && token === csrfCookie())) event.preventDefault();
});
const buttonOf = (event) => (event.detail.elt.matches?.(`${drafts} button`) ? event.detail.elt : undefined);
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.(drafts)) asked.set(form, typedIn(form));
  else if (buttonOf(event)) {
    leaving.add(form.form);
    htmx.trigger(form.form, "htmx:abort");
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (buttonOf(event) && !event.detail.xhr.getResponseHeader("HX-Redirect")) leaving.delete(event.detail.elt.form);
});
document.addEventListener("submit", (event) => { if (event.target.matches(drafts) && !event.defaultPrevented) leaving.add(event.target); });

document.addEventListener("draftSaved", (event) => {
  const form = event.target.closest?.(drafts) ?? document.querySelector(drafts);
  if (!form) return;
  failed.delete(form);
  held.set(form, asked.get(form));
  // What was sent is what the draft holds now; the hidden copies of the shown values follow.
  const sent = new Map(JSON.parse(asked.get(form) ?? "[]"));
  for (const field of form.querySelectorAll("input[type=hidden][name^=initial-]")) field.value = sent.get(field.name.slice(8)) ?? "";
  const { text, url, unread = [] } = event.detail;
  markUnread(form, unread);
  if (isDue(form)) saySaving(form); else say(form, text, unread.length > 0);
  if (url && form.getAttribute("hx-post") !== url) {
    // The draft exists from now on: its address replaces that of the empty sheet.
    history.replaceState(history.state, "", url);
    form.action = url;
    form.setAttribute("hx-post", url);
    htmx.process(form);
  }
});
// An answer brings new fields only while nothing has been typed since it was asked for; the next save brings them then.
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches?.(drafts)) return;
  if (!leaving.has(form) && asked.get(form) !== typedIn(form)) {
    event.detail.shouldSwap = false;
    htmx.trigger(form, "autosave");
  } else if (!document.activeElement?.matches("select, .ts-control input")) {
    // The next field takes the focus after a choice only, never from somebody who is typing.
    event.detail.serverResponse = event.detail.serverResponse.replaceAll(" autofocus", "");
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  dropPlain();
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches?.(drafts) || !form.isConnected) return;
  held.set(form, typedIn(form));
  if (form.dataset.unread) markUnread(form, form.dataset.unread.split(" "));
});

// What could not be saved is tried again: by itself every five seconds, after signing in when the token is a new one.
let trying;
function notSaved(event, why) {
  const form = event.detail.elt.closest?.(drafts);
  if (!form) return;
  const closes = leaving.delete(form) && event.detail.elt === form;
  failed.set(form, { why, token: csrfCookie() });
  sayWhy(form, why, closes);
  trying ??= setInterval(tryAgain, 5000);
}
function tryAgain() {
  for (const [form, { why, token }] of failed) {
    if (!form.isConnected) failed.delete(form);
    else if (["signedOut", "forbidden"].includes(why) ? token !== csrfCookie() : navigator.onLine) htmx.trigger(form, "autosave");
  }
  if (failed.size) return;
  clearInterval(trying);
  trying = undefined;
}
for (const type of ["online", "focus"]) addEventListener(type, tryAgain);
for (const type of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(type, (event) => notSaved(event, navigator.onLine ? "unreachable" : "unsaved"));
document.addEventListener("htmx:responseError", (event) => notSaved(event, { 401: "signedOut", 403: "forbidden" }[event.detail.xhr.status] ?? "failed"));

// A sheet closes once the server has what was typed in it, files too; what is refused stays open with its sentence.
function sendAndClose(form) {
  if (!failed.has(form)) saySaving(form);
  htmx.ajax("POST", form.getAttribute("hx-post"), { source: form, target: form.parentElement, swap: "innerHTML", values: { do: form.dataset.onClose } });
  leaving.add(form);
}
document.addEventListener("layerClosing", (event) => {
  const form = event.target.querySelector(`${drafts}[data-on-close][data-touched]`);
  if (!form || finished.has(form)) return;
  event.preventDefault();
  if (!leaving.has(form)) sendAndClose(form);
});
document.addEventListener("draftClosed", (event) => {
  const form = event.target.closest?.(drafts);
  if (!form) return;
  leaving.delete(form);
  failed.delete(form);
  if (asked.get(form) !== typedIn(form)) {
    setTimeout(() => sendAndClose(form)); // typed meanwhile
    return;
  }
  finished.add(form);
  document.dispatchEvent(new CustomEvent("closeLayer", { detail: { id: form.parentElement.id } }));
});

document.addEventListener("draftGone", (event) => {
  const form = event.target.closest?.(drafts);
  if (!form) return;
  failed.delete(form);
  say(form, event.detail.text, true);
});

// A page that is left sends what is due without waiting for an answer. A copy stays in the tab until the server has said
// that it has the words: somebody whose session was over finds them after signing in. Only large files need a question.
const BEACON = 60_000;
const HERE = "drafts";
const fileOf = (form) => form.elements.upload?.files?.[0];
const keptHere = () => JSON.parse(sessionStorage.getItem(HERE) ?? "{}");
const keepHere = (kept) => { if (Object.keys(kept).length) sessionStorage.setItem(HERE, JSON.stringify(kept)); else sessionStorage.removeItem(HERE); };

addEventListener("beforeunload", (event) => {
  if (dueDrafts().some((form) => failed.has(form) || holdsUnread(form) || fileOf(form)?.size > BEACON)) event.preventDefault();
});
addEventListener("pagehide", () => {
  for (const form of dueDrafts()) {
    const url = form.getAttribute("hx-post");
    const data = new FormData(form);
    data.set("do", "save");
    if (!navigator.sendBeacon(url, data)) {
      data.delete("upload");
      navigator.sendBeacon(url, data);
    }
    keepHere({ ...keptHere(), [url]: [...data].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken") });
  }
});
async function bringBack(url, values) {
  const body = new FormData();
  for (const [name, value] of values) body.append(name, value);
  body.set("do", "rescue");
  body.set("csrfmiddlewaretoken", csrfCookie() ?? "");
  const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => undefined);
  const events = JSON.parse(answer?.headers.get("HX-Trigger") ?? "{}");
  if (!events.draftRescued && answer?.status !== 404) return;
  const kept = keptHere();
  delete kept[url];
  keepHere(kept);
  if (events.toast) document.dispatchEvent(new CustomEvent("toast", { detail: events.toast }));
}
if (window.htmx) for (const [url, values] of Object.entries(keptHere())) bringBack(url, values);

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
    ...(url && searchAt(url)),
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
      if (field.autofocus && [field, document.body, field.closest("dialog")].includes(document.activeElement)) focusQuietly(this);
      for (const attribute of ["aria-describedby", "aria-invalid"]) if (field.hasAttribute(attribute)) this.control_input.setAttribute(attribute, field.getAttribute(attribute));
    },
    onChange() { field.dispatchEvent(new Event("input", { bubbles: true })); },
  });
}

// The server searches, and what it answers is shown as it comes, unless something else is asked meanwhile.
const searchAt = (url) => ({
  score: () => () => 1,
  shouldLoad: () => true,
  load(query, done) {
    this.asking?.abort();
    this.asking = new AbortController();
    fetch(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" }, signal: this.asking.signal })
      .then((answer) => answer.json()).then(({ results }) => done(results)).catch(() => done());
  },
  onType() {
    this.asking?.abort();
    this.clearOptions();
  },
});

// The field that a sheet begins with: its list opens when somebody types or asks for it.
function focusQuietly(lookup) {
  const opens = () => { delete lookup.refreshOptions; };
  lookup.refreshOptions = () => Object.getPrototypeOf(lookup).refreshOptions.call(lookup, false);
  for (const type of ["keydown", "pointerdown", "input"]) lookup.control.addEventListener(type, opens, { once: true, capture: true });
  lookup.focus();
}

// A field that a page or sheet begins with is there to be typed over.
const begun = new WeakSet();
function selectFirst({ target }) {
  if (!target?.autofocus || begun.has(target)) return;
  begun.add(target);
  if (target.value) target.select?.();
}
document.addEventListener("focusin", selectFirst);
selectFirst({ target: document.activeElement });

// ---- Dates: typed in any way, or picked; the native field shows dates by the device, not by the region --------------------

const writtenOut = (iso) => {
  const region = document.documentElement.dataset.region ?? document.documentElement.lang;
  return new Intl.DateTimeFormat(region, { dateStyle: region.startsWith("ru") ? "short" : "medium", timeZone: "UTC" }).format(new Date(iso));
};

function pickable(field) {
  const parts = document.getElementById("pick-date")?.content.cloneNode(true);
  if (!parts || field.parentElement.matches(".picked") || field.disabled) return;
  const had = document.activeElement === field;
  const box = text("span", "picked", "");
  field.replaceWith(box);
  box.append(field, parts);
  if (had) field.focus();
  const [button, native] = [box.querySelector("button"), box.querySelector("input[type=date]")];
  native.value = field.dataset.iso ?? "";
  button.addEventListener("click", () => native.showPicker());
  native.addEventListener("input", (event) => event.stopPropagation());
  native.addEventListener("change", (event) => {
    event.stopPropagation();
    field.value = native.value && writtenOut(native.value);
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  });
}

// A fragment is parsed as if there were no scripts: what stands in <noscript> would be a second, empty field.
function dropPlain() {
  for (const plain of document.querySelectorAll("noscript")) plain.remove();
}

function prepare(within) {
  for (const form of within.querySelectorAll("form[data-guard]")) guard(form);
  for (const field of within.querySelectorAll("select[data-combobox], input[data-combobox]")) combobox(field);
  for (const field of within.querySelectorAll("input[data-picker=date]")) pickable(field);
}
prepare(document);
document.addEventListener("htmx:load", (event) => { prepare(event.detail.elt.parentElement ?? event.detail.elt); });
document.addEventListener("htmx:beforeCleanupElement", (event) => event.detail.elt.tomselect?.destroy());
