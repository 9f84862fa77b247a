// The page that adds a tag: the sentence that says what the form will do follows what is typed. Without this script, it describes the values that
// were sent last.
"use strict";

const plan = document.getElementById("plan");
const fields = plan.closest("form").elements;

function value(name) {
  return (fields[name]?.value ?? "").trim();
}

/** Which sentence describes the form: a key of the texts that the page gives. */
function planKey(tag, image) {
  if (!tag || !image) return "unfinished";
  if (value("source") === "here") return fields.follow?.checked ? "track" : "point";
  return fields.scheduled?.checked ? "schedule" : "import";
}

function updatePlan() {
  const tag = value("tag");
  const image = value(value("source") === "here" ? "here" : "from");
  const values = { tag: `${plan.dataset.stream}:${tag}`, image };
  const text = plan.dataset[planKey(tag, image)].replace(/\{(tag|image)\}/g, (_, name) => values[name]);
  plan.querySelector("[data-plan-text]").textContent = text;
  const exists = [...document.querySelectorAll("#tags option")].some((option) => option.value === tag);
  plan.querySelector("[data-plan-exists]").hidden = !exists;
}

plan.closest("form").addEventListener("input", updatePlan);
// The browser restores what was typed when the reader comes back to the page.
addEventListener("pageshow", updatePlan);
