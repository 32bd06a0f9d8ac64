// What was typed is not lost when the log-in has ended meanwhile: a form that takes long
// to fill in asks whether anybody is still in before it goes. The form stays as it is.
"use strict";

(() => {
  const LONG = "form[data-typed], form[method=post][id$='_form']";
  const asking = new WeakSet();
  const answered = new WeakSet();

  async function ask() {
    const address = document.getElementById("ob-session").dataset.address;
    const answer = await fetch(address, { cache: "no-store" });
    return answer.ok ? answer.json() : null;
  }

  function note(form) {
    return form.querySelector("[data-session-over]");
  }

  function tell(form) {
    note(form)?.remove();
    form.prepend(document.getElementById("ob-session").content.cloneNode(true));
    note(form).focus();
  }

  function send(form, submitter, token) {
    note(form)?.remove();
    // Whoever logs in again gets a new token; the one in the page would be refused.
    if (token) form.elements.csrfmiddlewaretoken.value = token;
    answered.add(form);
    form.requestSubmit(submitter);
  }

  // Before every other listener: to them a form that does not go was never submitted.
  window.addEventListener(
    "submit",
    async (event) => {
      const { target: form, submitter } = event;
      if (!form.matches(LONG) || submitter?.hasAttribute("formtarget")) return;
      if (answered.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking.has(form)) return;
      asking.add(form);
      // Where nothing answers, the browser itself shows what is the matter.
      const found = await ask().catch(() => null);
      asking.delete(form);
      if (found && !found.token) tell(form);
      else send(form, submitter, found?.token);
    },
    true,
  );
})();
