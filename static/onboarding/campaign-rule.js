// Conditions come and go, and nobody leaves what is not saved without being asked.
"use strict";

(() => {
  const form = document.getElementById("campaign-form");
  if (!form) return;
  let dirty = form.hasAttribute("data-dirty");
  let leaving = false;

  // -- Conditions ---------------------------------------------------------------------

  let rowNumber = 100 + document.querySelectorAll("[data-row]").length;

  form.addEventListener("change", (event) => {
    const select = event.target.closest("[data-add-row]");
    if (select && select.value) addRow(select);
  });

  function addRow(select) {
    const rule = select.closest("[data-rule]");
    const blank = document.querySelector(`template[data-blank="${select.value}"]`);
    const holder = document.createElement("div");
    holder.innerHTML = blank.innerHTML
      .replaceAll("__rule__", rule.dataset.rule)
      .replaceAll("__row__", String(rowNumber++));
    const row = holder.firstElementChild;
    rule.querySelector("[data-rows]").append(row);
    select.value = "";
    tidyRule(rule);
    const value = row.querySelector("[name$=-value]:not([type=hidden])");
    (value ?? row.querySelector("input:not([type=hidden]), textarea, select"))?.focus();
    touched();
  }

  function tidyRule(rule) {
    rule.querySelector("[data-none]").hidden = rule.querySelector("[data-row]") !== null;
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-row]");
    if (!button) return;
    const rule = button.closest("[data-rule]");
    button.closest("[data-row]").remove();
    tidyRule(rule);
    rule.querySelector("[data-add-row]").focus();
    touched();
  });

  // -- Unsaved changes ----------------------------------------------------------------------

  const note = form.querySelector("[data-dirty-note]");

  function touched() {
    dirty = true;
    note.hidden = false;
  }

  note.hidden = !dirty;
  form.addEventListener("input", touched);
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.hasAttribute("formtarget")) leaving = true;
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
})();
