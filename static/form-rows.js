// Adds and removes rows of a form without loading the page anew. Without this script, the same buttons send the form.
"use strict";

for (const list of document.querySelectorAll("[data-rows]")) {
  const template = document.getElementById(list.dataset.rows);
  const rows = () => [...list.querySelectorAll("[data-row]")];

  const addRow = () => {
    const keys = rows().map((row) => Number(row.dataset.row));
    const key = String(Math.max(-1, ...keys) + 1);
    const row = template.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of [...element.attributes]) {
        if (attribute.value.includes(template.dataset.key)) element.setAttribute(attribute.name, attribute.value.replaceAll(template.dataset.key, key));
      }
    }
    list.append(row);
    row.querySelector("input[type=text]").focus();
  };

  const form = list.closest("form");
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.addsRow === template.id) {
      event.preventDefault();
      addRow();
    } else if (button?.matches("[data-removes-row]") && list.contains(button)) {
      event.preventDefault();
      const row = button.closest("[data-row]");
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("input[type=text]") ?? form.querySelector(`[data-adds-row=${template.id}]`)).focus();
    }
  });
}
