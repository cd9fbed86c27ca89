// The page of a template. Works without this file.
//
// [data-tab-of]   on phones the parts are tabs: they change without losing what is typed
// #te-find        filters the merge fields
// [data-copy]     copies a merge field so that Word pastes it as one, and other programs as its name
// form[data-drop] takes a dropped file, and sends one as soon as it is chosen

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab-of]");
  if (tab && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.getElementById("te").dataset.tab = tab.dataset.tabOf;
    for (const each of document.querySelectorAll("[data-tab-of]")) each.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    history.replaceState(history.state, "", tab.href);
  }
  const field = event.target.closest("[data-copy]");
  if (field) copy(field);
});

async function copy(field) {
  const name = field.dataset.copy;
  const shown = escape(`«${name}»`);
  const word = `<!--[if supportFields]><span style='mso-element:field-begin'></span> MERGEFIELD ${escape(name)} <span style='mso-element:field-separator'></span><![endif]-->${shown}<!--[if supportFields]><span style='mso-element:field-end'></span><![endif]-->`;
  const types = { "text/plain": name, "text/html": `<html><body><span>${word}</span></body></html>` };
  try {
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(Object.entries(types).map(([type, text]) => [type, new Blob([text], { type })])))]);
  } catch {
    try { await navigator.clipboard.writeText(name); } catch { return; } // without HTTPS there is no clipboard
  }
  const said = field.closest("[data-copied]").dataset.copied.replace("%(name)s", name);
  document.dispatchEvent(new CustomEvent("toast", { detail: { toasts: [{ text: said, level: "info" }] } }));
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "te-find") return;
  const words = fold(event.target.value).split(/\s+/).filter(Boolean);
  for (const list of document.querySelectorAll("#te-list ul")) {
    for (const row of list.children) row.hidden = !words.every((word) => fold(row.textContent).includes(word));
    list.hidden = list.previousElementSibling.hidden = [...list.children].every((row) => row.hidden);
  }
});

const dropOf = (event) => event.target.closest?.("form[data-drop]");
for (const type of ["dragenter", "dragover"]) {
  document.addEventListener(type, (event) => {
    const form = dropOf(event);
    if (!form || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("over-it");
  });
}
document.addEventListener("dragleave", (event) => dropOf(event)?.classList.remove("over-it"));
document.addEventListener("drop", (event) => {
  const form = dropOf(event);
  if (!form || !event.dataTransfer.files.length) return;
  event.preventDefault();
  form.classList.remove("over-it");
  form.elements.upload.files = event.dataTransfer.files;
  form.requestSubmit();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-drop] input[type=file]") && event.target.files.length) event.target.form.requestSubmit();
});
