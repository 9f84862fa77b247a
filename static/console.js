// Progressive enhancement: copy buttons, and lists that are filtered while the reader types. Every page works without this script.
"use strict";

document.documentElement.classList.add("rc-js");

/** Announces `text` to screen readers. */
function announce(text) {
  const status = document.getElementById("rc-status");
  if (!status) return;
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text));
}

/** The text that a copy button copies: its `data-copy`, or the content of the element that `data-copy-from` names. */
function textToCopy(button) {
  return button.dataset.copy ?? document.getElementById(button.dataset.copyFrom)?.textContent.trim() ?? "";
}

/** Shows for two seconds that the text was copied. */
function confirmCopy(button) {
  button.classList.add("rc-copy--done");
  announce(document.body.dataset.copied);
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => button.classList.remove("rc-copy--done"), 2000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy], button[data-copy-from]");
  if (button) {
    try {
      await navigator.clipboard.writeText(textToCopy(button));
      confirmCopy(button);
    } catch {
      announce(document.body.dataset.copyFailed);
    }
  }
  closeMenus((menu) => !menu.contains(event.target));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.rc-menu[open]");
  closeMenus(() => true);
  menu?.querySelector("summary").focus();
});

// "/" moves the focus to the search box; the arrow keys move it through the results.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("[data-search-box]");
  if (event.key === "/" && box?.checkVisibility() && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    box.select();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const results = [...document.querySelectorAll(".rc-hit")];
  const index = results.indexOf(event.target);
  if (!step || (index < 0 && event.target !== box)) return;
  const next = index + step < 0 ? box : results[index + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

function closeMenus(predicate) {
  for (const menu of document.querySelectorAll("details.rc-menu[open]")) {
    if (predicate(menu)) menu.open = false;
  }
}

/**
 * Fetches the list for the current values of `filter` (a form, or a part of one) and replaces the displayed list. The address bar is updated, so
 * that the URL always describes the page. A new request aborts the previous one, so that an old response never replaces a newer one. An unexpected
 * response (a sign-in page, an error) becomes an ordinary page load, except where that would lose the selection.
 */
async function refreshList(filter, state) {
  const fields = [...filter.querySelectorAll("input[name], select[name]")].map((field) => [field.name, field.value]);
  const query = new URLSearchParams(fields.filter(([, value]) => value !== ""));
  const address = `${filter.dataset.action ?? filter.getAttribute("action")}${query.size ? `?${query}` : ""}`;
  const selection = filter.closest("form[data-selection]");
  const fail = () => (selection ? showFailure(selection, true) : location.assign(address));
  state.request?.abort();
  state.request = new AbortController();
  try {
    const response = await fetch(address, { signal: state.request.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const newList = page.getElementById(filter.dataset.filters);
    if (!response.ok || !newList) return fail();
    if (selection) showFailure(selection, false);
    replaceList(document.getElementById(filter.dataset.filters), newList);
    history.replaceState(history.state, "", response.url);
    const live = page.getElementById("rc-live")?.dataset.live;
    if (live) document.dispatchEvent(new CustomEvent("rc:list-replaced-page", { detail: live }));
    announce(newList.dataset.summary);
  } catch (error) {
    if (error.name !== "AbortError") fail();
  }
}

/** Shows or hides the notice that the list of a form could not be loaded. */
function showFailure(form, failed) {
  const notice = form.querySelector("[data-filter-failed]");
  notice.hidden = !failed;
  if (failed) announce(notice.textContent);
}

/** Replaces `list` by `newList`. Open details stay open, and the focus stays on the same link or field where both lists have it. */
function replaceList(list, newList) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const open = new Set([...list.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key));
  for (const details of newList.querySelectorAll("details[data-key]")) details.open ||= open.has(details.dataset.key);
  list.replaceWith(newList);
  newList.dispatchEvent(new CustomEvent("rc:replaced", { bubbles: true }));
  if (!focused) return;
  const attribute = ["href", "value"].find((name) => focused.hasAttribute(name));
  const same = (other) => attribute && other.getAttribute(attribute) === focused.getAttribute(attribute) && other.name === focused.name;
  [...newList.querySelectorAll(focused.localName)].find(same)?.focus();
}

for (const filter of document.querySelectorAll("[data-filters]")) {
  const state = { timer: 0, request: null };
  const scheduleRefresh = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(refreshList, 250, filter, state);
  };
  // A word that is still being composed, as in Pinyin input, is not searched for.
  filter.addEventListener("input", (event) => event.isComposing || scheduleRefresh());
  filter.addEventListener("compositionend", scheduleRefresh);
  // A filter within a larger form must not submit that form.
  filter.querySelector('button[name="filter"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(state.timer);
    refreshList(filter, state);
  });
}

/**
 * Keeps the selection of a list while its filter changes. Selected rows that the filter hides are carried as hidden fields. The whole selection
 * is stored in the history entry, so that it is restored when the reader comes back to the page.
 */
function keepSelection(form) {
  const name = form.dataset.selection;
  const hiddenInputs = form.querySelector("[data-hidden-selection]");
  const count = form.querySelector("[data-selection-count]");
  const boxes = () => [...form.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(name)}"]`)];
  const selected = new Set(history.state?.[name] ?? new FormData(form).getAll(name));

  function renderSelection() {
    const shown = new Set();
    for (const box of boxes()) {
      box.checked = selected.has(box.value);
      shown.add(box.value);
    }
    const hidden = [...selected].filter((value) => !shown.has(value));
    hiddenInputs.replaceChildren(...hidden.map((value) => Object.assign(document.createElement("input"), { type: "hidden", name, value })));
    const text = hidden.length ? form.dataset.notShown : form.dataset.selected;
    if (count) count.textContent = text.replace("{count}", selected.size).replace("{hidden}", hidden.length);
    history.replaceState({ ...history.state, [name]: [...selected] }, "");
  }

  form.addEventListener("change", ({ target }) => {
    if (target.name !== name) return;
    target.checked ? selected.add(target.value) : selected.delete(target.value);
    renderSelection();
  });
  form.addEventListener("rc:replaced", renderSelection);
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="select"]');
    if (!button) return;
    event.preventDefault();
    if (button.value === "none") selected.clear();
    else for (const box of boxes()) selected.add(box.value);
    renderSelection();
  });
  renderSelection();
}

document.querySelectorAll("form[data-selection]").forEach(keepSelection);

// Addresses of the Cockpit console that this one replaces: /registry#/images/project/stream:tag. Browsers keep the fragment when they are redirected to "/".
const oldConsolePath = /^#\/((?:images|projects)(?:\/[a-z0-9][^/?#]*){0,2}|(?:users|groups)(?:\/[^/?#\\]+)?)(?:[?].*)?$/.exec(location.hash);
if (oldConsolePath && location.pathname === "/") location.replace(`/${oldConsolePath[1]}`);
