// The plan of a draft: steps come and go, and the count follows.
"use strict";

(() => {
  const form = document.getElementById("campaign-form");
  if (!form) return;

  // -- Steps ----------------------------------------------------------------------------

  const steps = form.querySelector("[data-steps]");
  const total = form.querySelector("[name=steps-TOTAL_FORMS]");

  form.querySelector("[data-add-step]").addEventListener("click", () => {
    const number = Number(total.value);
    const holder = document.createElement("div");
    holder.innerHTML = document
      .querySelector("template[data-blank-step]")
      .innerHTML.replaceAll("__prefix__", String(number));
    const step = holder.firstElementChild;
    steps.append(step);
    total.value = String(number + 1);
    number_();
    step.querySelector("select")?.focus();
    touched();
  });

  form.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    const move = event.target.closest("[data-move]");
    if (move) {
      moveStep(step, Number(move.dataset.move));
      move.focus();
    } else if (event.target.closest("[data-remove-step]")) markRemoved(step, true);
    else if (event.target.closest("[data-restore-step]")) markRemoved(step, false);
  });

  function moveStep(step, by) {
    const other = by < 0 ? step.previousElementSibling : step.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(step);
    else other.after(step);
    number_();
    touched();
  }

  function markRemoved(step, removed) {
    step.querySelector("[name$=-DELETE]").checked = removed;
    step.querySelector("[data-body]").hidden = removed;
    step.querySelector("[data-removed]").hidden = !removed;
    number_();
    touched();
  }

  function number_() {
    let place = 0;
    for (const step of steps.children) {
      const removed = step.querySelector("[name$=-DELETE]").checked;
      const shown = removed ? "–" : String(++place);
      step.querySelector("[data-place]").textContent = shown;
      step.querySelector("[name$=-position]").value = String(place);
      entitle(step);
      showTiming(step);
    }
    form.querySelector("[data-no-steps]").hidden = steps.children.length > 0;
  }

  function entitle(step) {
    const name = step.querySelector("[name$=-name]").value.trim();
    const message = step.querySelector("[name$=-message]");
    const chosen = message.value ? message.selectedOptions[0].textContent : "";
    step.querySelector("[data-step-title]").textContent = name || chosen;
    const link = step.querySelector("[data-edit-message]");
    if (!link) return;
    link.hidden = !message.value;
    link.href = link.dataset.editMessage.replace("/0/", `/${message.value}/`);
  }

  // Only the fields that count for what the step is reckoned from, or that are wrong.
  function showTiming(step) {
    const own = step.querySelector("[name$=-anchor]").value !== "";
    for (const part of step.querySelectorAll("[data-timing]")) {
      const counts = (part.dataset.timing === "moment") === own;
      part.hidden = !counts && part.querySelector(".errorlist") === null;
    }
  }

  window.addEventListener("steps-sorted", () => {
    number_();
    touched();
  });
  form.addEventListener("input", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    entitle(step);
    showTiming(step);
  });
  number_();

  // -- Whom it reaches --------------------------------------------------------------------

  const panel = form.querySelector("[data-count]");
  const short = form.querySelector("[data-count-short]");
  const counting = form.querySelector("[data-counting]");
  let waiting = 0;
  let asking = null;

  function countSoon() {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(countNow, 350);
  }

  async function countNow() {
    asking?.abort();
    asking = new AbortController();
    const mine = asking;
    counting.hidden = false;
    try {
      const answer = await fetch(form.dataset.countUrl, {
        method: "POST",
        body: audienceOnly(),
        signal: mine.signal,
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      panel.innerHTML = found.html;
      short.textContent = found.short;
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    if (mine === asking) counting.hidden = true;
  }

  function audienceOnly() {
    const sent = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (/^(audience-|csrfmiddlewaretoken$|campaign$|goal$)/.test(name)) sent.append(name, value);
    }
    return sent;
  }

  const who = document.getElementById("audience");
  form.querySelector("[name=goal]").addEventListener("change", countSoon);
  who.addEventListener("input", countSoon);
  who.addEventListener("change", countSoon);
  who.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove-row]")) countSoon();
  });

  function touched() {
    form.dispatchEvent(new Event("input"));
  }
})();
