// Choosing contacts: rows of conditions that come and go, the live count, the number on the button (ui 5.9).
//
// form[data-criteria]   holds `.cond` rows in #conditions, <template id="blank-condition"> and #count, which htmx fills
//                       after `input`, or after the event `recount` on the form; the answer marks conditions that
//                       cannot be read, too
//
// Nothing here is needed: without it the page has empty rows, a button that counts and one that removes a row.

const SLOW = 400; // ms until "counting…"
let slow;

const formOf = (node) => node.closest?.("form[data-criteria]");
const recount = (form) => window.htmx.trigger(form, "recount");

// The number on the button, and what the form would send back as seen.
function forgetNumber() {
  const label = document.getElementById("choose-label");
  if (label) {
    label.textContent = label.dataset.plain;
    delete label.dataset.nothing;
  }
  followLabel();
  document.querySelector("#counted [name=counted]")?.remove();
}

// A button whose label says that there is nothing to do waits, and leads to the reason.
function followLabel() {
  const button = document.getElementById("choose-do");
  const waits = button?.querySelector("[data-nothing]");
  for (const [name, value] of [["aria-disabled", "true"], ["aria-describedby", "count"]]) {
    if (waits) button.setAttribute(name, value);
    else button?.removeAttribute(name);
  }
}

// The count brings a sentence to each condition that it cannot read; the control stays as it is, somebody is typing there.
function markControls() {
  for (const place of document.querySelectorAll("#conditions .cond-e")) {
    const control = document.getElementById(place.id.replace(/_error$/, ""));
    const isBad = place.childElementCount > 0;
    const hint = document.getElementById(`${control?.id}_helptext`);
    for (const each of [control, control?.tomselect?.control_input].filter(Boolean)) {
      const said = [hint?.id, isBad && place.id].filter(Boolean).join(" ");
      if (isBad) each.setAttribute("aria-invalid", "true");
      else each.removeAttribute("aria-invalid");
      if (said) each.setAttribute("aria-describedby", said);
      else each.removeAttribute("aria-describedby");
    }
    for (const each of [control, control?.tomselect?.wrapper]) each?.classList.toggle("is-err", isBad);
  }
}

function addRow(form) {
  const rows = [...form.querySelectorAll(".cond")];
  const number = Math.max(-1, ...rows.map((row) => Number(row.id.slice("cond-".length)))) + 1;
  const blank = document.getElementById("blank-condition").innerHTML.replaceAll("NUMBER", number);
  const list = form.querySelector("#conditions");
  list.insertAdjacentHTML("beforeend", blank);
  const row = list.lastElementChild;
  window.htmx.process(row);
  row.querySelector("select").focus();
}

document.addEventListener("click", (event) => {
  const form = formOf(event.target);
  if (!form) return;
  if (event.target.closest("[data-add-condition]")) return addRow(form);
  const remove = event.target.closest("[data-remove-condition]");
  if (!remove) return;
  event.preventDefault();
  const row = remove.closest(".cond");
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  const said = row.querySelector("select").value;
  row.remove();
  if (neighbour) neighbour.querySelector("select").focus();
  else addRow(form);
  if (said) { forgetNumber(); recount(form); }
});

// Enter in a value asks for the count; only the button does the thing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("form[data-criteria] .cond input")) return;
  event.preventDefault();
  recount(formOf(event.target));
});

document.addEventListener("input", (event) => { if (formOf(event.target)) forgetNumber(); });

// ---- The count ------------------------------------------------------------------------------------------------------

document.addEventListener("htmx:beforeRequest", (event) => {
  const count = event.detail.elt;
  if (count.id !== "count") return;
  clearTimeout(slow);
  count.setAttribute("aria-busy", "true");
  slow = setTimeout(() => { count.textContent = count.dataset.counting; }, SLOW);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, requestConfig, successful, xhr } = event.detail;
  if (elt.id === "count" && xhr.status) {
    clearTimeout(slow);
    elt.removeAttribute("aria-busy");
  }
  // A line that was edited on this page has raised the version that the count was taken at.
  const form = document.querySelector("form[data-criteria]");
  const edited = successful && requestConfig?.verb === "post" && /\/lines\//.test(requestConfig.path);
  if (edited && form?.querySelector("[name=counted]")) recount(form);
});
document.addEventListener("htmx:sendError", (event) => { if (event.detail.elt.id === "count") { clearTimeout(slow); event.detail.elt.textContent = ""; } });

document.addEventListener("htmx:afterSettle", (event) => {
  const asked = event.detail.requestConfig?.elt;
  if (asked?.id === "count") {
    followLabel();
    markControls();
  } else if (asked?.matches?.(".cond-f, .cond-o")) {
    const form = document.querySelector("form[data-criteria]");
    if (form) recount(form);
  } else if (event.detail.target?.id === "choose") {
    document.querySelector("#choose .cond [aria-invalid=true]")?.focus();
  }
});
