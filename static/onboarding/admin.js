// Small things on every page of ours in the admin. Events are caught at the document,
// so that what a page brings in later works as well.
"use strict";

(() => {
  // A second click on a form that acts does nothing; the server would not mind either.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-once")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    window.setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  });

  // A choice that narrows a list takes effect at once.
  document.addEventListener("change", (event) => {
    const select = event.target.closest("select[data-submit]");
    if (select) select.form.requestSubmit();
  });

  // What is shown once only can be taken along with one press.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // Without HTTPS there is no clipboard to write to.
    }
    button.textContent = button.dataset.copied;
  });

  // On a phone Unfold names each cell; one capital to begin with, as in the heads.
  document.addEventListener("DOMContentLoaded", () => {
    for (const cell of document.querySelectorAll(".result-list [data-label]")) {
      const label = cell.dataset.label;
      cell.dataset.label = label.charAt(0).toUpperCase() + label.slice(1);
    }
  });

  // The moving part of a page: asked for anew while somebody is looking.
  const EVERY = 4000;

  async function renew(part) {
    if (document.visibilityState === "hidden" || part.contains(document.activeElement)) return;
    const answer = await fetch(part.dataset.live, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const found = await answer.json();
    if (found.state !== part.dataset.state) {
      window.location.reload();
      return;
    }
    part.innerHTML = found.html;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const part = document.querySelector("[data-live]");
    if (!part || ["finished"].includes(part.dataset.state)) return;
    window.setInterval(() => renew(part).catch(() => {}), EVERY);
  });
})();
