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

/** The text that a copy button copies: its `data-copy`, or of the element that `data-copy-from` names the address it leads to, or the content. */
function textToCopy(button) {
  const source = document.getElementById(button.dataset.copyFrom);
  return button.dataset.copy ?? source?.href ?? source?.textContent.trim() ?? "";
}

/** Shows for two seconds that the text was copied. */
function confirmCopy(button) {
  button.dataset.done = document.body.dataset.copied;
  button.classList.add("rc-copy--done");
  announce(document.body.dataset.copied);
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => button.classList.remove("rc-copy--done"), 2000);
}

// A page that stays open says when its session is about to end.
const sessionEnd = document.getElementById("rc-session-end");
if (sessionEnd?.hidden) {
  const left = Date.parse(sessionEnd.dataset.end) - Date.parse(document.body.dataset.now);
  setTimeout(() => {
    refreshTimes();
    sessionEnd.hidden = false;
    announce(sessionEnd.textContent.trim());
  }, left - Number(sessionEnd.dataset.noticeMinutes) * 60_000);
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

// "/" moves the focus to the search box; on the search page, the arrow keys move it through the results.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // The search page has a box of its own besides that of the masthead.
  const box = [...document.querySelectorAll("[data-search-box]")].filter((one) => one.checkVisibility()).at(-1);
  if (event.key === "/" && box && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    box.select();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const results = [...document.querySelectorAll(".rc-hit")];
  const index = results.indexOf(event.target);
  if (!step || event.defaultPrevented || (index < 0 && event.target !== box)) return;
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
async function refreshList(filter, state, button = {}) {
  const selection = filter.closest("form[data-selection]");
  const list = document.getElementById(filter.dataset.filters);
  const fields = new Map([...(selection ?? filter).querySelectorAll("input[name], select[name]")]
    .filter((field) => field.type !== "checkbox" || field.checked)
    .map((field) => [field.name, field.value]));
  // The selection and the form token do not belong into the address, and a new filter or order begins at the first page.
  for (const name of selection ? [selection.dataset.selection, "csrf", "page"] : []) fields.delete(name);
  if (button.name === "sort-by") fields.set("sort", button.value);
  if (button.name === "to-page") fields.set("page", button.value);
  const query = new URLSearchParams([...fields].filter(([, value]) => value !== ""));
  const address = `${filter.dataset.action ?? filter.getAttribute("action")}${query.size ? `?${query}` : ""}`;
  const fail = () => {
    list.removeAttribute("aria-busy");
    if (selection) showFailure(selection, true);
    else location.assign(address);
  };
  state.request?.abort();
  state.request = new AbortController();
  list.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: state.request.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const newList = page.getElementById(filter.dataset.filters);
    if (!response.ok || !newList) return fail();
    if (selection) showFailure(selection, false);
    replaceList(list, newList);
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
  // A filter within a larger form must not submit that form, and neither must its order and its pages.
  filter.closest("form[data-selection]")?.addEventListener("click", (event) => {
    const button = event.target.closest('button:is([name="filter"], [name="sort-by"], [name="to-page"])');
    if (!button) return;
    event.preventDefault();
    clearTimeout(state.timer);
    refreshList(filter, state, button);
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
  const served = new FormData(form).getAll(name);
  const selected = new Set(history.state?.[name] ?? served);
  // Of another selection than the one that the server was sent, it is not known what it frees.
  const freed = form.querySelector("[data-selection-freed]");

  function renderSelection() {
    const shown = new Set();
    for (const box of boxes()) {
      box.checked = selected.has(box.value);
      shown.add(box.value);
    }
    const hidden = [...selected].filter((value) => !shown.has(value));
    hiddenInputs.replaceChildren(...hidden.map((value) => Object.assign(document.createElement("input"), { type: "hidden", name, value })));
    const text = hidden.length ? form.dataset.notShown : form.dataset.selected;
    if (freed) freed.hidden = served.length !== selected.size || served.some((value) => !selected.has(value));
    if (count) count.textContent = text.replace("{count}", selected.size).replace("{hidden}", hidden.length);
    for (const button of form.querySelectorAll("button[data-label-other]")) {
      button.dataset.labelNone ??= button.textContent;
      const { labelNone, labelOne, labelOther } = button.dataset;
      button.textContent = [labelNone, labelOne][selected.size] ?? labelOther.replace("{count}", selected.size);
      button.disabled = selected.size === 0;
    }
    const all = form.querySelector("[data-select-all]");
    if (all) {
      const checked = boxes().filter((box) => box.checked).length;
      all.hidden = false;
      all.checked = checked > 0 && checked === shown.size;
      all.indeterminate = checked > 0 && checked < shown.size;
    }
    history.replaceState({ ...history.state, [name]: [...selected] }, "");
  }

  form.addEventListener("change", ({ target }) => {
    const changed = target.matches("[data-select-all]") ? boxes() : [target].filter((box) => box.name === name);
    if (!changed.length) return;
    for (const { value } of changed) target.checked ? selected.add(value) : selected.delete(value);
    renderSelection();
  });
  form.addEventListener("rc:replaced", renderSelection);
  form.addEventListener("click", (event) => {
    // Rules are applied by the server.
    const button = event.target.closest('button[name="select"]:not([value="rules"])');
    if (!button) return;
    event.preventDefault();
    const shown = boxes().map((box) => box.value);
    if (button.value === "none") selected.clear();
    else for (const value of shown) button.value === "invert" && selected.has(value) ? selected.delete(value) : selected.add(value);
    renderSelection();
  });
  // Enter presses the first button of the form, which filters. In the fields of the rules it selects by them.
  form.addEventListener("keydown", (event) => {
    const group = event.target.closest("[data-enter]");
    if (!group || event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    form.querySelector(`button[name="select"][value="${group.dataset.enter}"]`).click();
  });
  renderSelection();
}

document.querySelectorAll("form[data-selection]").forEach(keepSelection);

// A form that was sent shows that it is being carried out, and cannot be sent twice. The button keeps its size and its name; the form of a file
// (`data-download`) stays usable, because its page stays.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || "download" in form.dataset) return;
  if (form.hasAttribute("aria-busy")) return event.preventDefault();
  form.setAttribute("aria-busy", "true");
  // A disabled button would not be sent: it is disabled after the data of the form were collected.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    (event.submitter ?? form).classList.add("rc-busy");
    announce(event.submitter?.dataset.busy ?? document.body.dataset.busy);
  });
});

// A page that comes back from the browser's cache can be used again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[aria-busy]")) {
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
  for (const busy of document.querySelectorAll(".rc-busy")) busy.classList.remove("rc-busy");
});

// Remembers the selected client for other pages and later visits. It is only a preference: a failure has no consequence.
document.addEventListener("change", ({ target }) => {
  if (!("remember" in target.dataset)) return;
  const csrf = document.querySelector('form[action="/preferences"] input[name="csrf"]')?.value;
  if (csrf) fetch("/preferences", { method: "POST", body: new URLSearchParams({ csrf, client: target.value }), redirect: "manual" }).catch(() => {});
});

// A browser explains a missing value in its own language, which may not be that of the page.
document.addEventListener("invalid", ({ target }) => target.validity.valueMissing && target.setCustomValidity(document.body.dataset.required), true);
document.addEventListener("input", ({ target }) => target.setCustomValidity?.(""));

// The result of the last change and the errors of a form are read out: they are part of the page from the beginning, so screen readers do not
// announce them on their own.
{
  const summary = document.querySelector("[data-error-summary]");
  const flash = document.querySelector("main > [role=status]");
  if (summary) summary.focus();
  else if (flash) announce(flash.textContent.trim());
}

// Times that the server wrote as "3 minutes ago" stay right while the page is open. The clock of the server counts, not that of this computer.
const clockDifference = Date.parse(document.body.dataset.now) - Date.now();
const relativeTime = new Intl.RelativeTimeFormat(document.documentElement.lang);
const minutesLeft = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "minute", unitDisplay: "long" });

function timeAgo(minutes) {
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)];
  const [count, unit] =
    hours < 1 ? [minutes, "minute"]
    : days < 1 ? [hours, "hour"]
    : days < 31 ? [days, "day"]
    : days < 365 ? [Math.floor(days / 30), "month"]
    : [Math.floor(days / 365), "year"];
  return withSpace(relativeTime.format(-count, unit));
}

// The pages have a space between a number and a Chinese word.
function withSpace(text) {
  return text.replace(/(\d)(?=\p{Script=Han})/u, "$1 ");
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const minutes = Math.floor((Date.now() + clockDifference - Date.parse(time.dateTime)) / 60_000);
    if (minutes >= 1) time.textContent = timeAgo(minutes);
  }
  const end = document.querySelector("time[data-left]");
  const left = end ? Math.floor((Date.parse(end.dateTime) - Date.now() - clockDifference) / 60_000) : 0;
  if (left >= 1) end.textContent = withSpace(minutesLeft.format(left));
}

setInterval(refreshTimes, 60_000);
document.addEventListener("visibilitychange", refreshTimes);

// Addresses of the Cockpit console that this one replaces: /registry#/images/project/stream:tag. Browsers keep the fragment when they are redirected to "/".
const oldConsolePath = /^#\/((?:images|projects)(?:\/[a-z0-9][^/?#]*){0,2}|(?:users|groups)(?:\/[^/?#\\]+)?)(?:[?].*)?$/.exec(location.hash);
if (oldConsolePath && location.pathname === "/") location.replace(`/${oldConsolePath[1]}`);
