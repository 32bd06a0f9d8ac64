// The message editor: tabs, tools, placeholders, preview while writing, a test mail.
// The tabs serve the outbox as well.
"use strict";

(() => {
  const PAUSE = 350;

  // -- Tabs ---------------------------------------------------------------------

  function choose(tab) {
    const list = tab.closest("[role=tablist]");
    for (const other of list.querySelectorAll("[role=tab]")) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    document.dispatchEvent(new CustomEvent("tabchosen", { detail: tab.dataset.language }));
  }

  function bindTabs() {
    for (const list of document.querySelectorAll("[role=tablist]")) {
      const tabs = [...list.querySelectorAll(".msg-tab")];
      if (!tabs.length) continue;
      list.addEventListener("click", (event) => {
        const tab = event.target.closest(".msg-tab");
        if (tab) choose(tab);
      });
      list.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const at = tabs.indexOf(document.activeElement);
        const next = tabs[(at + step + tabs.length) % tabs.length];
        next.focus();
        choose(next);
      });
      const wanted = tabs.find((tab) => `#${tab.dataset.language}` === window.location.hash);
      const first = tabs.find((tab) => tab.getAttribute("aria-selected") === "true");
      choose(wanted || first || tabs[0]);
    }
  }

  // -- The editor ---------------------------------------------------------------

  class Editor {
    constructor(root) {
      this.root = root;
      this.form = root.querySelector("#message-form");
      this.frame = root.querySelector("[data-frame]");
      this.stage = root.querySelector(".msg-stage");
      this.buyer = "";
      this.turn = 0;
      this.last = null;
    }

    get language() {
      const tab = this.root.querySelector(".msg-tab[aria-selected=true]");
      return tab ? tab.dataset.language : "";
    }

    field(name) {
      return this.form.querySelector(`[data-panel="${this.language}"] [data-source="${name}"]`);
    }

    draft() {
      const data = new FormData();
      data.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      for (const name of ["brand", "purpose"]) data.set(name, this.form.elements[name].value);
      for (const name of ["subject", "preheader", "body"]) data.set(name, this.field(name).value);
      data.set("language", this.language);
      data.set("buyer", this.buyer);
      return data;
    }

    later() {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.show(), PAUSE);
    }

    async show() {
      if (!this.language) return;
      this.turn += 1;
      const turn = this.turn;
      const empty = ["subject", "body"].every((name) => !this.field(name).value.trim());
      try {
        const answer = await fetch(this.root.dataset.preview, { method: "POST", body: this.draft() });
        if (turn !== this.turn) return;
        if (!answer.ok) throw new Error(String(answer.status));
        this.lay(await answer.json(), empty);
      } catch {
        if (turn === this.turn) this.tell([{ sentence: this.root.dataset.failed }]);
      }
    }

    lay(found, empty) {
      for (const name of ["sender", "subject", "preheader", "text"]) {
        const value = empty ? "" : found[name];
        if (value !== null) this.root.querySelector(`[data-show=${name}]`).textContent = value;
      }
      // The frame is sandboxed: nothing in it runs, and it has an origin of its own.
      if (empty) this.frame.srcdoc = "";
      else if (found.html !== null && found.html !== this.last) this.frame.srcdoc = found.html;
      else if (found.html === null && !this.frame.srcdoc) {
        // Nothing to keep showing: better a sentence than a blank sheet.
        this.frame.srcdoc = `<p style="font: 16px sans-serif; padding: 1rem">${this.root.dataset.unready}</p>`;
      }
      this.last = found.html;
      this.tell(found.problems);
    }

    tell(problems) {
      const list = this.root.querySelector("[data-problems]");
      list.replaceChildren(
        ...problems.map((problem) => {
          const item = document.createElement("li");
          item.textContent = problem.sentence;
          if (problem.line && problem.field === "body") {
            const go = document.createElement("button");
            go.type = "button";
            go.className = "ob-btn ob-btn--link";
            go.textContent = `${this.root.dataset.line} ${problem.line}`;
            go.addEventListener("click", () => this.goTo(problem.line));
            item.append(" ", go);
          }
          return item;
        }),
      );
      this.root.querySelector("[data-fine]").hidden = problems.length > 0;
    }

    goTo(line) {
      const body = this.field("body");
      const lines = body.value.split("\n");
      const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      body.focus();
      body.setSelectionRange(start, start + (lines[line - 1] || "").length);
      body.scrollTop = body.scrollHeight * ((line - 1) / lines.length) - 60;
    }

    // Typed in as by hand, so that the browser's own "undo" takes it back.
    type(field, text) {
      field.focus();
      if (!document.execCommand("insertText", false, text)) {
        field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }

    wrap(sign) {
      const body = this.field("body");
      const chosen = body.value.slice(body.selectionStart, body.selectionEnd);
      const start = body.selectionStart + sign.length;
      this.type(body, `${sign}${chosen}${sign}`);
      body.setSelectionRange(start, start + chosen.length);
    }

    startLine(sign) {
      const body = this.field("body");
      const at = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
      body.focus();
      body.setSelectionRange(at, at);
      this.type(body, sign);
    }

    insertBlock(text) {
      const body = this.field("body");
      const before = body.value.slice(0, body.selectionStart);
      const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
      this.type(body, `${gap}${text}\n\n`);
    }

    insertPlaceholder(name, isLink) {
      const known = this.lastField && this.lastField.closest(`[data-panel="${this.language}"]`);
      const field = known ? this.lastField : this.field("body");
      const tag = `{{ ${name} }}`;
      const before = field.value.slice(0, field.selectionStart);
      const inAddress = before.endsWith("](");
      const label = field.value.slice(field.selectionStart, field.selectionEnd);
      if (isLink && field.dataset.source === "body" && !inAddress) {
        this.type(field, `[${label || "…"}](${tag})`);
      } else {
        this.type(field, tag);
      }
    }

    async sendTest(button) {
      const status = this.root.querySelector("[data-test-status]");
      button.disabled = true;
      status.textContent = "…";
      try {
        const answer = await fetch(this.root.dataset.test, { method: "POST", body: this.draft() });
        const found = await answer.json();
        status.textContent = found.sentence;
      } catch {
        status.textContent = this.root.dataset.failed;
      }
      button.disabled = false;
    }

    bind() {
      this.root.addEventListener("input", (event) => {
        if (event.target.closest("#message-form")) {
          this.dirty = true;
          this.later();
        }
      });
      this.root.addEventListener("focusin", (event) => {
        if (event.target.dataset.source) this.lastField = event.target;
      });
      this.root.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const data = button.dataset;
        if (data.wrap) this.wrap(data.wrap);
        if (data.lineStart) this.startLine(data.lineStart);
        if (data.insert) this.type(this.field("body"), data.insert);
        if (data.insertBlock) this.insertBlock(data.insertBlock);
        if (data.placeholder) this.insertPlaceholder(data.placeholder, "link" in data);
        if ("sendTest" in data) this.sendTest(button);
      });
      this.root.addEventListener("change", (event) => {
        if (event.target.name === "width") this.resize(event.target.value);
      });
      document.addEventListener("tabchosen", (event) => {
        this.form.elements.tab.value = event.detail;
        this.show();
      });
      this.form.addEventListener("submit", () => {
        this.dirty = false;
      });
      window.addEventListener("beforeunload", (event) => {
        if (this.dirty) event.preventDefault();
      });
    }

    resize(width) {
      this.stage.dataset.width = width;
      this.stage.querySelector("pre").hidden = width !== "text";
    }
  }

  // -- Buyers to preview as -------------------------------------------------------

  class Buyers {
    constructor(editor) {
      this.editor = editor;
      this.input = editor.root.querySelector("#buyer-search");
      this.list = editor.root.querySelector("#buyer-list");
      this.turn = 0;
    }

    later() {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.search(), PAUSE);
    }

    async search() {
      const wanted = this.input.value.trim();
      if (!wanted) {
        this.pick("");
        this.close();
        return;
      }
      this.turn += 1;
      const turn = this.turn;
      const url = `${this.editor.root.dataset.buyers}?q=${encodeURIComponent(wanted)}`;
      const answer = await fetch(url);
      if (!answer.ok || turn !== this.turn) return;
      this.offer((await answer.json()).buyers);
    }

    offer(buyers) {
      const items = buyers.map((buyer, number) => {
        const item = document.createElement("li");
        item.id = `buyer-${number}`;
        item.setAttribute("role", "option");
        item.textContent = `${buyer.name} · ${buyer.account}`;
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          this.take(buyer);
        });
        item.buyer = buyer;
        return item;
      });
      if (!items.length) {
        const none = document.createElement("li");
        none.textContent = this.editor.root.dataset.nobody;
        items.push(none);
      }
      this.list.replaceChildren(...items);
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      this.at = -1;
    }

    move(step) {
      const items = [...this.list.children].filter((item) => item.buyer);
      if (!items.length) return;
      this.at = (this.at + step + items.length) % items.length;
      items.forEach((item, number) => {
        item.setAttribute("aria-selected", String(number === this.at));
      });
      this.input.setAttribute("aria-activedescendant", items[this.at].id);
      items[this.at].scrollIntoView({ block: "nearest" });
    }

    take(buyer) {
      this.input.value = `${buyer.name} · ${buyer.account}`;
      this.close();
      this.pick(String(buyer.id));
    }

    pick(id) {
      if (this.editor.buyer === id) return;
      this.editor.buyer = id;
      this.editor.show();
    }

    close() {
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }

    bind() {
      this.input.addEventListener("input", () => this.later());
      this.input.addEventListener("blur", () => this.close());
      this.input.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.close();
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step && !this.list.hidden) {
          event.preventDefault();
          this.move(step);
        }
        if (event.key === "Enter" && !this.list.hidden) {
          event.preventDefault();
          const chosen = this.list.querySelector("[aria-selected=true]");
          if (chosen) this.take(chosen.buyer);
        }
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.querySelector("[data-editor]");
    if (root) {
      const editor = new Editor(root);
      editor.bind();
      if (root.querySelector("#buyer-search")) new Buyers(editor).bind();
    }
    bindTabs();
  });
})();
