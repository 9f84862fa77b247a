// What the pages gain from a script: copy buttons, and lists that narrow while a filter is typed. Nothing depends on it.
"use strict";

document.documentElement.classList.add("rc-scripted");

/** Tells people who listen to the page. */
function announce(text) {
  const status = document.getElementById("rc-status");
  if (!status) return;
  status.textContent = "";
  requestAnimationFrame(() => (status.textContent = text));
}

/** The text that a copy button is for: its own `data-copy`, or what stands in the element that `data-copy-from` names. */
function textToCopy(button) {
  return button.dataset.copy ?? document.getElementById(button.dataset.copyFrom)?.textContent.trim() ?? "";
}

/** Shows for two seconds that a button has done its work. */
function confirmCopy(button) {
  button.classList.add("rc-copied");
  announce(document.body.dataset.copied);
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => button.classList.remove("rc-copied"), 2000);
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

// "/" goes to the search box; arrows go through what was found.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("[data-find]");
  if (event.key === "/" && box?.checkVisibility() && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    box.select();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const hits = [...document.querySelectorAll(".rc-hit")];
  const at = hits.indexOf(event.target);
  if (!step || (at < 0 && event.target !== box)) return;
  const next = at + step < 0 ? box : hits[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

function closeMenus(which) {
  for (const menu of document.querySelectorAll("details.rc-menu[open]")) {
    if (which(menu)) menu.open = false;
  }
}

/**
 * Fetches the list of the present values of `filter` (a form, or a part of one) and puts it in place of the shown one. The address bar follows,
 * so the URL stays the truth; an older answer never overtakes a newer one. Anything unexpected (a sign-in page, an error) becomes an ordinary
 * page load, except where that would lose what is selected.
 */
async function refresh(filter, state) {
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
    const fresh = page.getElementById(filter.dataset.narrows);
    if (!response.ok || !fresh) return fail();
    if (selection) showFailure(selection, false);
    replaceList(document.getElementById(filter.dataset.narrows), fresh);
    history.replaceState(history.state, "", response.url);
    const live = page.getElementById("rc-live")?.dataset.live;
    if (live) document.dispatchEvent(new CustomEvent("rc:renewed", { detail: live }));
    announce(fresh.dataset.summary);
  } catch (error) {
    if (error.name !== "AbortError") fail();
  }
}

/** Shows or hides that the list of a form could not be read. */
function showFailure(form, failed) {
  const notice = form.querySelector("[data-filter-failed]");
  notice.hidden = !failed;
  if (failed) announce(notice.textContent);
}

/** Puts `fresh` in the place of `list`. What is open stays open, and the focus stays on the same link or field, where both have it. */
function replaceList(list, fresh) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const open = new Set([...list.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key));
  for (const details of fresh.querySelectorAll("details[data-key]")) details.open ||= open.has(details.dataset.key);
  list.replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent("rc:replaced", { bubbles: true }));
  if (!focused) return;
  const attribute = ["href", "value"].find((name) => focused.hasAttribute(name));
  const same = (other) => attribute && other.getAttribute(attribute) === focused.getAttribute(attribute) && other.name === focused.name;
  [...fresh.querySelectorAll(focused.localName)].find(same)?.focus();
}

for (const filter of document.querySelectorAll("[data-narrows]")) {
  const state = { timer: 0, request: null };
  const soon = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(refresh, 250, filter, state);
  };
  // Half of a word that is being composed, as in Pinyin, is not asked for.
  filter.addEventListener("input", (event) => event.isComposing || soon());
  filter.addEventListener("compositionend", soon);
  // A filter within a larger form does not send that form.
  filter.querySelector('button[name="filter"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(state.timer);
    refresh(filter, state);
  });
}

/**
 * Keeps the ticks of a list whatever its filter shows. Those of boxes that are not shown are carried as hidden fields, and all of them in the
 * history entry, so that they are there after going on and back.
 */
function keepSelection(form) {
  const name = form.dataset.selection;
  const kept = form.querySelector("[data-kept]");
  const count = form.querySelector("[data-selection-count]");
  const boxes = () => [...form.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(name)}"]`)];
  const selected = new Set(history.state?.[name] ?? new FormData(form).getAll(name));

  function show() {
    const shown = new Set();
    for (const box of boxes()) {
      box.checked = selected.has(box.value);
      shown.add(box.value);
    }
    const hidden = [...selected].filter((value) => !shown.has(value));
    kept.replaceChildren(...hidden.map((value) => Object.assign(document.createElement("input"), { type: "hidden", name, value })));
    const text = hidden.length ? form.dataset.notShown : form.dataset.selected;
    if (count) count.textContent = text.replace("{count}", selected.size).replace("{hidden}", hidden.length);
    history.replaceState({ ...history.state, [name]: [...selected] }, "");
  }

  form.addEventListener("change", ({ target }) => {
    if (target.name !== name) return;
    target.checked ? selected.add(target.value) : selected.delete(target.value);
    show();
  });
  form.addEventListener("rc:replaced", show);
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="select"]');
    if (!button) return;
    event.preventDefault();
    if (button.value === "none") selected.clear();
    else for (const box of boxes()) selected.add(box.value);
    show();
  });
  show();
}

document.querySelectorAll("form[data-selection]").forEach(keepSelection);

// Addresses of the console that this one replaces: /registry#/images/project/stream:tag. Browsers keep the fragment on their way to "/".
const remembered = /^#\/((?:images|projects)(?:\/[a-z0-9][^/?#]*){0,2}|(?:users|groups)(?:\/[^/?#\\]+)?)(?:[?].*)?$/.exec(location.hash);
if (remembered && location.pathname === "/") location.replace(`/${remembered[1]}`);
