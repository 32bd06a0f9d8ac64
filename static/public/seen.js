/* Tells the server once that a person, not a mail scanner, is looking at this page:
   after the first real gesture. The page works without it. */
(function () {
  "use strict";

  var form = document.getElementById("answer");
  var gestures = ["pointerdown", "touchstart", "keydown", "wheel", "mousemove"];

  if (!form || !window.fetch) {
    return;
  }

  function isReal(event) {
    // A pointer at rest "moves" when the page is laid out under it: by nothing.
    var moved = event.type !== "mousemove" || event.movementX || event.movementY;
    return event.isTrusted && moved;
  }

  function listen(how) {
    gestures.forEach(function (name) {
      document[how](name, tell, { passive: true, capture: true });
    });
  }

  function tell(event) {
    if (!isReal(event)) {
      return;
    }
    listen("removeEventListener");
    fetch(form.getAttribute("data-seen"), {
      method: "POST",
      keepalive: true,
      credentials: "same-origin",
      body: new URLSearchParams(new FormData(form)),
    });
  }

  listen("addEventListener");
})();
