// The ledger's list: where an entry is shown, which bulk verb fits, and rows that changed.
// The server sends `entriesChanged` {ids: [...] or null for all of the list}; parts that show entries listen too.

const form = () => document.querySelector("form[data-select]");

// ---- Beside the list where there is room, else in the sheet ----------------------------------------------------------

const pane = document.getElementById("preview");
const hasRoom = () => pane?.checkVisibility();

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.target === pane && !hasRoom()) event.detail.headers["HX-Target"] = "sheet";
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target === pane && event.detail.requestConfig.headers["HX-Target"] === "sheet") {
    event.detail.target = document.getElementById("sheet");
  }
});
// Closed, it says again what it is for, and the row is where one was.
const nothingShown = pane && [...pane.childNodes].map((node) => node.cloneNode(true));
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-preview-close]")) return;
  pane.replaceChildren(...nothingShown.map((node) => node.cloneNode(true)));
  const row = document.querySelector("#rows > tr.cur") ?? document.querySelector("#rows > tr");
  row?.querySelector("[data-open]")?.focus();
});
// The address leads to a part of the entry: "Evaluate" in a row.
document.addEventListener("htmx:afterSettle", (event) => {
  const link = event.detail.requestConfig?.elt;
  if (!link?.hash || !event.detail.target.closest("#preview, #sheet")) return;
  event.detail.target.querySelector(`${link.hash} button`)?.focus();
});

// ---- The first selected entry decides: cancel or reinstate -----------------------------------------------------------

function fitVerbs() {
  const boxes = [...(form()?.querySelectorAll("tbody .ck input:checked") ?? [])];
  const canceled = boxes[0]?.hasAttribute("data-canceled") ?? false;
  for (const button of form()?.querySelectorAll("[data-when]") ?? []) button.hidden = boxes.length > 0 && (button.dataset.when === "canceled") !== canceled;
}
document.addEventListener("change", (event) => { if (event.target.closest("form[data-select]")) fitVerbs(); });
document.addEventListener("click", (event) => { if (event.target.closest("form[data-select]")) fitVerbs(); });
document.addEventListener("keyup", fitVerbs);

// ---- Rows that changed -----------------------------------------------------------------------------------------------

// One request after the other: of those that wait, htmx keeps the last one alone.
let drawn = Promise.resolve();

document.addEventListener("entriesChanged", (event) => {
  const rows = [...document.querySelectorAll("#rows > tr[id^=entry-]")].map((row) => row.id.slice("entry-".length));
  if (!rows.length || !event.detail) return;
  const { ids, shown } = event.detail;
  const stale = ids ? rows.filter((id) => ids.includes(Number(id))) : rows;
  if (!shown) form()?.querySelector("[data-clear]")?.click();
  const url = document.getElementById("rows").dataset.changed;
  for (let from = 0; from < stale.length; from += 100) {
    const query = stale.slice(from, from + 100).map((id) => `id=${id}`).join("&");
    drawn = drawn.catch(() => {}).then(() => htmx.ajax("GET", `${url}?${query}`, { target: "#rows", swap: "none" }));
  }
});
