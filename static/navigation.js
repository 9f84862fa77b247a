// Search suggestions and keyboard shortcuts. Without this script the search box is a plain form.
"use strict";

{
  const form = document.querySelector("form.rc-search");
  const box = form?.querySelector("input");
  const MAX_SUGGESTIONS = 8;
  const list = document.createElement("div");
  let options = [];
  let selected = -1;
  let request = null;
  let timer = 0;

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    select(-1);
    box.setAttribute("aria-expanded", "false");
  }

  function select(index) {
    selected = index;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === index)));
    if (index < 0) box.removeAttribute("aria-activedescendant");
    else {
      box.setAttribute("aria-activedescendant", options[index].id);
      options[index].scrollIntoView({ block: "nearest" });
    }
  }

  /** A result of the search page as an entry of the list: its name with the matches marked, its kind and a detail. */
  function optionFrom(hit, number) {
    const option = document.createElement("div");
    option.role = "option";
    option.id = `rc-suggestion-${number}`;
    option.dataset.href = hit.getAttribute("href");
    const name = document.createElement("span");
    name.append(...hit.cloneNode(true).childNodes);
    const details = document.createElement("span");
    details.className = "rc-secondary-text";
    const kind = hit.closest("section").querySelector("h2").textContent;
    const fact = hit.closest("th").nextElementSibling?.textContent.trim().replace(/\s+/g, " ");
    details.textContent = [kind, fact].filter(Boolean).join(" · ");
    option.append(name, details);
    return option;
  }

  async function suggest() {
    const text = box.value.trim();
    request?.abort();
    if (!text) return close();
    request = new AbortController();
    try {
      // A redirect leads to the sign-in, which begins when the form is submitted and not before.
      const response = await fetch(`${form.getAttribute("action")}?${new URLSearchParams({ q: text })}`, {
        signal: request.signal,
        headers: { accept: "text/html" },
        redirect: "manual",
      });
      if (!response.ok) return close();
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      options = [...page.querySelectorAll("#found .rc-hit")].slice(0, MAX_SUGGESTIONS).map(optionFrom);
      list.replaceChildren(...options);
      if (!options.length) list.append(Object.assign(document.createElement("p"), { textContent: form.dataset.nothing }));
      list.hidden = false;
      select(-1);
      box.setAttribute("aria-expanded", "true");
      announce(page.getElementById("found")?.dataset.summary ?? form.dataset.nothing);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  if (form) {
    list.id = "rc-suggestions";
    list.className = "rc-suggestions";
    list.role = "listbox";
    list.hidden = true;
    list.setAttribute("aria-label", form.dataset.results);
    form.append(list);
    box.role = "combobox";
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");

    const scheduleSuggestions = () => {
      clearTimeout(timer);
      timer = setTimeout(suggest, 150);
    };
    box.addEventListener("input", (event) => event.isComposing || scheduleSuggestions());
    box.addEventListener("compositionend", scheduleSuggestions);
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && !list.hidden && options.length) {
        event.preventDefault();
        // One position before the first entry is the box itself.
        select(((selected + 1 + step + options.length + 1) % (options.length + 1)) - 1);
      } else if (event.key === "Enter" && selected >= 0) {
        event.preventDefault();
        location.assign(options[selected].dataset.href);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    // A press on an entry must not take the focus from the box before the click arrives.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) location.assign(option.dataset.href);
    });
    box.addEventListener("blur", close);
  }

  // On a narrow screen the navigation and the tabs scroll sideways: the current entry is in view.
  for (const current of document.querySelectorAll(":is(.rc-navigation, .rc-tabs) [aria-current]")) {
    const strip = current.closest("nav");
    const [entry, whole] = [current.getBoundingClientRect(), strip.getBoundingClientRect()];
    strip.scrollLeft += entry.left - whole.left - (whole.width - entry.width) / 2;
  }

  const shortcuts = document.getElementById("rc-shortcuts");
  for (const button of document.querySelectorAll("[data-shortcuts]")) button.addEventListener("click", () => shortcuts.showModal());

  const PAGES = { h: "/", i: "/images", p: "/projects" };
  let afterG = false;

  /** Moves the focus to the next row of a list: `step` is 1 or -1. */
  function moveRow(step) {
    const links = [...document.querySelectorAll("main tbody tr")].map((row) => row.querySelector("a[href]")).filter((link) => link?.checkVisibility());
    const row = document.activeElement.closest("tr, li");
    const index = row ? links.findIndex((link) => row.contains(link)) : -1;
    links[index < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(index + step, 0), links.length - 1)]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest("input, textarea, select, dialog")) return;
    const isSequence = afterG;
    afterG = event.key === "g" && !isSequence;
    if (isSequence && PAGES[event.key]) location.assign(PAGES[event.key]);
    else if (event.key === "?") shortcuts.showModal();
    else if (event.key === "j") moveRow(1);
    else if (event.key === "k") moveRow(-1);
  });
}
