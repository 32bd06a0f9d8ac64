// What Unfold leaves untold to a screen reader: icons are words of a font, some buttons
// have no name, some are no buttons. The names come from the server, in her language.
"use strict";

(() => {
  const PRESSED = "[x-on\\:click]:not(button, input, select, label, a[href], template)";
  const CURTAIN = "#changelist-filter-close"; // a click beside the open filters
  const ICON = ".material-symbols-outlined";
  const NAMES = [
    ["#command-submit, #searchbar-submit", "search"],
    [`${ICON}[x-on\\:click*="sidebarMobileOpen"]`, "close"],
    ["a[x-on\\:click*=showActions]", "actions"],
    ["[x-on\\:click*=openTabsDropdown]", "tabs"],
    ["[x-on\\:click*=openRelatedWidgetWrapper]", "related"],
    ["a.related-lookup", "lookup"],
  ];

  const all = (selector) => document.querySelectorAll(selector);

  function silenceIcons() {
    for (const icon of all(`${ICON}:not([aria-hidden])`)) {
      if (!icon.matches(PRESSED)) icon.setAttribute("aria-hidden", "true");
    }
  }

  // Pressed with the mouse alone, it is a button to nobody else.
  function makeButtons() {
    for (const part of all(`${PRESSED}:not([role], ${CURTAIN})`)) {
      part.setAttribute("role", "button");
      part.tabIndex = 0;
    }
  }

  function giveNames(names) {
    for (const [selector, name] of NAMES) {
      for (const part of all(`:is(${selector}):not([aria-label])`)) {
        part.setAttribute("aria-label", names[name]);
      }
    }
    for (const field of all("#searchbar, #search-input-command")) {
      if (!field.ariaLabel) field.setAttribute("aria-label", field.placeholder);
    }
    // Django's calendar and clock say what they are on the picture within.
    for (const picture of all("a:not([aria-label]) > span[title]:only-child:empty")) {
      picture.parentElement.setAttribute("aria-label", picture.title);
    }
  }

  function tell() {
    silenceIcons();
    makeButtons();
    giveNames(document.getElementById("ob-names")?.dataset ?? {});
  }

  document.addEventListener("keydown", (event) => {
    const part = event.target;
    if (!["Enter", " "].includes(event.key) || !part.matches(`${PRESSED}[role=button]`)) return;
    event.preventDefault();
    part.click();
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("content")?.setAttribute("role", "main");
    tell();
    // Calendars, menus and what a search finds come in later.
    new MutationObserver(tell).observe(document.body, { childList: true, subtree: true });
  });
})();
