// The pages of an image stream and of an image: the pull command follows what is chosen, and the buttons below the filter of the tags follow the
// selection. The pages work without this script.
"use strict";

/** The command of the chosen client for `tag`, or for `digest` if the choice is to pull by digest. */
function pullCommand(client, tag, digest) {
  return `${client.dataset.before}${digest ? `@${digest}` : `:${tag}`}${client.dataset.after}`;
}

/**
 * Shows a command that is broken between its arguments, and in one that is longer than the line after a separator, as the server renders it
 * (`command_line` in src/web/filters.rs).
 */
function showCommand(element, command) {
  const argumentOf = (text) => {
    const span = document.createElement("span");
    const parts = text.split(/(?<=[/:@])/);
    span.replaceChildren(...parts.flatMap((part, index) => (index === 0 ? [part] : [document.createElement("wbr"), part])));
    return span;
  };
  element.replaceChildren(...command.split(" ").flatMap((text, index) => (index === 0 ? [argumentOf(text)] : [" ", argumentOf(text)])));
}

/**
 * Shows the command for what is chosen in `form`, and gives the rows of the list the command of the same client. Where the server does not say how
 * to build the commands, because each tag is pulled from a place of its own, it builds them.
 */
function updatePullCommand(form) {
  const client = form.querySelector('input[name="client"]:checked');
  if (client.dataset.before === undefined) return form.requestSubmit();
  const target = form.querySelector("[data-pull-target]") ?? form.elements.pull.selectedOptions[0];
  const digest = form.elements.by.value === "digest" ? target.dataset.digest : undefined;
  showCommand(document.getElementById("pull-command"), pullCommand(client, target.value, digest));
  updateRows(form);
}

function updateRows(form) {
  const client = form.querySelector('input[name="client"]:checked');
  if (client.dataset.before === undefined) return;
  for (const button of document.querySelectorAll("[data-pull-tag]")) {
    button.dataset.copy = pullCommand(client, button.dataset.pullTag, button.dataset.pullDigest);
  }
}

for (const form of document.querySelectorAll("form[data-pull]")) {
  form.addEventListener("change", () => updatePullCommand(form));
  // A list that was filtered has the client of the time when the page was loaded.
  document.addEventListener("rc:replaced", () => updateRows(form));
  // The browser restores what was chosen when the reader comes back to the page.
  addEventListener("pageshow", () => updateRows(form));
}

/** Enables the buttons that the number of selected tags permits. */
function followSelection(form) {
  function update() {
    const selected = new Set(new FormData(form).getAll("tag")).size;
    for (const button of form.querySelectorAll("[data-needs]")) {
      const needed = Number(button.dataset.needs);
      button.disabled = needed === 1 ? selected < 1 : selected !== needed;
    }
    form.querySelector("[data-selection-count]").hidden = selected === 0;
  }

  // The selection is carried in hidden fields by console.js, which listens to the same events.
  const scheduleUpdate = () => setTimeout(update);
  form.addEventListener("change", scheduleUpdate);
  form.addEventListener("rc:replaced", scheduleUpdate);
  addEventListener("pageshow", scheduleUpdate);
  update();
}

document.querySelectorAll(".rc-tag-list form[data-selection]").forEach(followSelection);
