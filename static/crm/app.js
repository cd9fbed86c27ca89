// The house: dialogs, toasts, theme, menus, focus, lost connections. Every page works without this file.
// Other files and pages talk to it by events on document: `toast` {toasts: [{text, level, undo, link}]},
// `openLayer` {id}, `closeLayer` {id, else the one on top}, `signedOut`, `counted` {url, text, hot} for a number of the menu;
// it sends `layerOpened` {id} on document, `layerClosing` (prevented: it stays open) and `layerClosed` on the content of
// the dialog. An element in a sheet that listens to `layerClosed from:#sheet` may still send its last request.

const root = document.documentElement;
const words = document.getElementById("words")?.dataset ?? {};
const copy = (id) => document.getElementById(id)?.content.cloneNode(true);

// ---- Dialogs: what htmx puts into #sheet or #dialog opens; the address is the sheet's own until it closes ----------

const bare = (url) => url.split("#")[0];
let pageUrl = bare(location.href); // what the page behind the dialogs shows
let pushed = false; // the sheet added an entry to the history
let sheetUrl = ""; // the address of that entry
const flying = new Set(); // elements with a request under way
document.addEventListener("htmx:beforeSend", (event) => flying.add(event.detail.elt));
document.addEventListener("htmx:afterRequest", (event) => flying.delete(event.detail.elt));

const openLayers = () => [...document.querySelectorAll("dialog[data-layer][open]")];
const topLayer = () => openLayers().at(-1);

function openLayer(dialog) {
  const title = dialog.querySelector("h1, h2");
  if (title) {
    title.id ||= `${dialog.firstElementChild.id}-title`;
    dialog.setAttribute("aria-labelledby", title.id);
  }
  dialog.append(toastRegion()); // the page behind is inert, messages included
  requestAnimationFrame(liftToasts);
  if (dialog.open) return;
  dialog.showModal();
  document.dispatchEvent(new CustomEvent("layerOpened", { detail: { id: dialog.firstElementChild.id } }));
}

// Whether the layer is closed now; what it holds may have to be saved first.
function closeLayer(dialog = topLayer()) {
  const content = dialog?.firstElementChild;
  if (content?.dispatchEvent(new CustomEvent("layerClosing", { bubbles: true, cancelable: true, detail: { id: content.id } }))) dialog.close();
  return !dialog?.open;
}

function afterClose(dialog) {
  const content = dialog.firstElementChild;
  (topLayer() ?? document.body).append(toastRegion());
  liftToasts();
  // A request of the closing sheet (its last draft) still needs its elements; they are cleared once it is answered.
  content.dispatchEvent(new CustomEvent("layerClosed", { bubbles: true, detail: { id: content.id } }));
  const clear = () => {
    if (dialog.open) return;
    if ([...flying].some((elt) => content.contains(elt))) setTimeout(clear, 100);
    else content.replaceChildren();
  };
  clear();
  if (content.id === "sheet" && pushed) {
    pushed = false;
    history.back();
  }
}

for (const dialog of document.querySelectorAll("dialog[data-layer]")) {
  dialog.addEventListener("close", () => afterClose(dialog));
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return; // a file chooser's
    event.preventDefault();
    closeLayer(dialog);
  });
  // A press that began inside, such as marking text, closes nothing.
  let began;
  dialog.addEventListener("pointerdown", (event) => { began = event.target; });
  dialog.addEventListener("click", (event) => { if (event.target === dialog && began === dialog) closeLayer(dialog); });
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { event.preventDefault(); closeLayer(event.target.closest("dialog") ?? undefined); }
});
document.addEventListener("openLayer", (event) => openLayer(document.getElementById(event.detail.id).closest("dialog")));
document.addEventListener("closeLayer", (event) => closeLayer(event.detail?.id ? document.getElementById(event.detail.id).closest("dialog") : undefined));
// What a sheet holds is a page of its own too: there its forms are answered in the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  const page = requestConfig?.verb === "post" && target.matches?.("dialog[data-layer] > .layer") && requestConfig.elt.closest(".sheet-page");
  if (page) event.detail.target = page;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target.closest?.("dialog[data-layer]");
  if (!dialog) return;
  const { requestConfig, xhr } = event.detail;
  const opens = !dialog.open;
  openLayer(dialog);
  if (opens && event.detail.target.id === "sheet" && requestConfig?.verb === "get") {
    history.replaceState({ page: true }, "");
    sheetUrl = xhr.responseURL || requestConfig.path;
    history.pushState({ sheet: true }, "", sheetUrl);
    pushed = true;
  }
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const away = pushed && event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!away) return;
  event.preventDefault();
  location.replace(away); // "back" leads to the page, not to a sheet that is finished
});
addEventListener("popstate", () => {
  if (bare(location.href) === pageUrl) {
    pushed = false;
    const sheet = document.querySelector("dialog[open] > #sheet")?.parentElement;
    if (sheet && !closeLayer(sheet)) {
      history.pushState({ sheet: true }, "", sheetUrl);
      pushed = true;
    }
  } else if (!history.state?.htmx) location.reload(); // htmx reloads for its own entries
});
document.addEventListener("draftSaved", (event) => { sheetUrl = event.detail.url ?? sheetUrl; });
const remember = () => { if (!pushed) pageUrl = bare(location.href); };
document.addEventListener("htmx:pushedIntoHistory", remember);
document.addEventListener("htmx:replacedInHistory", remember);
addEventListener("hashchange", () => {
  if (location.hash === "#menu") document.querySelector(".side-close")?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#menu") location.hash = "#main";
});

// Ctrl, Shift and the middle button open a link's page in a new tab, htmx or not.
for (const type of ["click", "auxclick"]) {
  document.addEventListener(type, (event) => {
    const link = event.target.closest?.("a[hx-get]");
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1)) event.stopImmediatePropagation();
  }, { capture: true });
}

// ---- Toasts: 8 s, longer while the pointer or the focus is on them; errors and warnings stay ------------------------

const toastRegion = () => document.getElementById("toasts");

function showToast({ text, level = "success", undo = "", link = [] }) {
  const toast = copy("toast").querySelector("[data-toast]");
  toast.className = `toast2 ${level}`;
  toast.querySelector("[data-text]").textContent = text;
  const use = toast.querySelector(":scope > .i use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, { success: "#i-check", info: "#i-info" }[level] ?? "#i-warn"));
  const anchor = toast.querySelector("[data-link]");
  if (link.length) [anchor.href, anchor.textContent] = link; else anchor.remove();
  const form = toast.querySelector("[data-undo]");
  if (undo) { form.action = undo; form.elements.next.value = pageUrl.slice(location.origin.length); } else form.remove();
  toastRegion().append(toast);
  liftToasts();
  keepOrDrop(toast);
}

// Above the buttons at the bottom of a dialog or sheet.
function liftToasts() {
  const foot = (topLayer() ?? document.querySelector(".sheet-page"))?.querySelector(".bar-f");
  toastRegion()?.style.setProperty("--foot", `${foot?.offsetHeight ?? 0}px`);
}
addEventListener("resize", liftToasts);

function keepOrDrop(toast) {
  if (toast.matches(".error, .warning")) return;
  let timer;
  const wait = () => { timer = setTimeout(() => toast.remove(), 8000); };
  const stay = () => clearTimeout(timer);
  for (const type of ["pointerenter", "focusin"]) toast.addEventListener(type, stay);
  for (const type of ["pointerleave", "focusout"]) toast.addEventListener(type, () => { stay(); wait(); });
  wait();
}

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove());
document.addEventListener("toast", (event) => event.detail.toasts.forEach(showToast));
// A region that is filled is read out; one that was full from the start is not.
requestAnimationFrame(() => {
  liftToasts();
  for (const toast of toastRegion()?.querySelectorAll("[data-toast]") ?? []) { toastRegion().append(toast); keepOrDrop(toast); }
});

// ---- Focus and errors after htmx ------------------------------------------------------------------------------------

function focusFirstError(within = document) {
  within.querySelector("[data-errors]")?.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.target;
  if (target.querySelector?.("[data-errors]")) focusFirstError(target);
  else if (target.id === "main") {
    const heading = target.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  if (xhr.status === 401 || savesItself(elt) || xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return; // said already
  const said = { 403: words.forbidden, 404: words.gone, 409: words.gone }[xhr.status] ?? words.failed;
  failPart(elt) || showToast({ text: said, level: "error" });
});
document.addEventListener("htmx:sendError", (event) => {
  savesItself(event.detail.elt) || failPart(event.detail.elt) || (navigator.onLine && showToast({ text: words.unreachable, level: "error" }));
});

const savesItself = (elt) => elt.matches?.("form[data-autosave]");

function failPart(elt) {
  if (!elt.matches?.("[data-part]")) return false;
  elt.replaceChildren(copy("part-failed"));
  elt.querySelector("[data-again]").addEventListener("click", () => htmx.trigger(elt, "again"), { once: true });
  return true;
}

// The row that the address names, such as the entry just logged: it may come with a part of the page.
let awaited = location.hash.startsWith("#entry-") && location.hash.slice(1);

function showAwaited() {
  const row = awaited && document.getElementById(awaited);
  if (!row) return;
  awaited = "";
  row.classList.add("fresh");
  setTimeout(() => row.classList.remove("fresh"), 2000);
  row.scrollIntoView({ block: "nearest" });
  (row.querySelector("[data-open], a.link") ?? row).focus({ preventScroll: true });
}
showAwaited();
document.addEventListener("htmx:afterSettle", showAwaited);

document.addEventListener("counted", ({ detail: { url, text, hot } }) => {
  const number = document.querySelector(`.nav-i[href="${CSS.escape(url)}"] .n`);
  if (!number) return;
  number.textContent = text;
  number.classList.toggle("hot", hot);
});

document.addEventListener("signedOut", () => {
  const dialog = document.getElementById("dialog").closest("dialog");
  dialog.firstElementChild.replaceChildren(copy("signed-out"));
  openLayer(dialog);
});

// ---- Theme, sidebar, menus ------------------------------------------------------------------------------------------

const darkDevice = matchMedia("(prefers-color-scheme: dark)");

function paint(theme) {
  root.dataset.theme = theme;
  // Without transitions for one frame, else buttons fade through grey.
  root.classList.add("repaint");
  root.dataset.bsTheme = theme === "system" ? (darkDevice.matches ? "dark" : "light") : theme;
  requestAnimationFrame(() => requestAnimationFrame(() => root.classList.remove("repaint")));
}
darkDevice.addEventListener("change", () => root.dataset.theme === "system" && paint("system"));

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const data = new FormData(event.target, event.submitter);
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
  paint(event.submitter.value);
  fetch(event.target.action, { method: "POST", body: data, redirect: "manual" });
}, { capture: true });

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-side-toggle]")) return;
  const narrow = getComputedStyle(root).getPropertyValue("--side").trim() === "60px";
  root.dataset.side = narrow ? "wide" : "narrow";
  document.cookie = `side=${root.dataset.side}; path=/; max-age=31536000; samesite=lax`;
});

const openMenus = () => [...document.querySelectorAll("details.menu[open]")];
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = openMenus().at(-1);
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu-i, .menu-list input, .menu-list select")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    const from = items.indexOf(document.activeElement);
    if (from < 0 && !menu.contains(document.activeElement)) return;
    items.at((from + step + (from < 0 && step < 0 ? 1 : 0)) % items.length)?.focus();
    event.preventDefault();
  }
});

// ---- Connection -----------------------------------------------------------------------------------------------------

const offline = document.getElementById("offline");
const showConnection = () => { if (offline) offline.hidden = navigator.onLine; };
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
showConnection();

focusFirstError();
