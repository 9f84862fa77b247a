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
 * Fetches the list of `form`'s present values and puts it in place of the shown one. The address bar follows, so the URL stays the truth;
 * an older answer never overtakes a newer one, and anything unexpected (a sign-in page, an error) becomes an ordinary page load.
 */
async function refresh(form, state) {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${form.getAttribute("action")}${query.size ? `?${query}` : ""}`;
  state.request?.abort();
  state.request = new AbortController();
  try {
    const response = await fetch(address, { signal: state.request.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(form.dataset.narrows);
    if (!response.ok || !fresh) return location.assign(address);
    document.getElementById(form.dataset.narrows).replaceWith(fresh);
    history.replaceState(null, "", response.url);
    const live = page.getElementById("rc-live")?.dataset.live;
    if (live) document.dispatchEvent(new CustomEvent("rc:renewed", { detail: live }));
    announce(fresh.dataset.summary);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

for (const form of document.querySelectorAll("form[data-narrows]")) {
  const state = { timer: 0, request: null };
  form.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(refresh, 250, form, state);
  });
}

// Addresses of the console that this one replaces: /registry#/images/project/stream:tag. Browsers keep the fragment on their way to "/".
const remembered = /^#\/((?:images|projects)(?:\/[a-z0-9][^/?#]*){0,2}|(?:users|groups)(?:\/[^/?#\\]+)?)(?:[?].*)?$/.exec(location.hash);
if (remembered && location.pathname === "/") location.replace(`/${remembered[1]}`);
