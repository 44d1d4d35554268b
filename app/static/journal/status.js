// The line that always says honestly whether everything is saved, and what is not.

import { count, escape, say } from "./words.js";

/** Whether a question is open in which something was typed. */
const isTyping = () => [...document.querySelectorAll("dialog[open] :is(input, textarea)")].some((input) => input.value !== input.defaultValue);

/** What the server says of itself when it cannot save. */
const REASONS = new Set(["unavailable", "no_room"]);

export class Status {
  /** `line` holds the words, `problems` is the button that lists what was not accepted. */
  constructor({ line, problems, toast, live }, journal, store) {
    Object.assign(this, { line, problems, toastPlace: toast, live, journal, store });
    store.onKept = () => this.show();
    addEventListener("beforeunload", (event) => { if (journal.queue.unsaved || isTyping()) event.preventDefault(); });
  }

  /** Says nothing before what an earlier visit left is known. */
  show() {
    if (!this.ready) return;
    const { sender, queue } = this.journal, waiting = queue.unsaved, conflicts = queue.inState("conflict").length;
    const kept = this.store.writing ? "keeping" : this.store.lasting ? "kept" : "not kept";
    let text = say("all saved"), look = "saved", link = "";
    if (sender.trouble === "signed out") {
      [text, look] = [say("signed out", { kept: waiting ? count(kept, waiting) : "" }), "trouble"];
      link = ` <a href="/login?next=${encodeURIComponent(location.pathname + location.search)}">${escape(say("sign in"))}</a>`;
    } else if (sender.trouble === "closed") [text, look] = [say("closed", { kept: waiting ? count(kept, waiting) : "" }), "trouble"];
    else if (sender.trouble || !navigator.onLine) [text, look] = [say(navigator.onLine && REASONS.has(sender.why) ? sender.why : "offline", { kept: waiting ? count(kept, waiting) : say("nothing waits") }), "trouble"];
    else if (waiting > conflicts) [text, look] = [say("saving"), "saving"];
    else if (conflicts) [text, look] = [count("conflicts", conflicts), "trouble"];
    const html = escape(text) + link;
    if (this.line.dataset.said !== html) {
      this.line.dataset.said = html;
      this.line.innerHTML = html;
      this.line.className = `save-state ${look}`;
      if (look !== "saving" && this.spoken !== text) { this.spoken = text; this.live.textContent = text; } // not each key press
    }
    const refused = this.journal.problems().length;
    this.problems.hidden = refused === 0;
    if (refused) this.problems.textContent = count("not accepted", refused);
  }

  /** Say something that passes; `action` is [text, what it does]. */
  toast(text, action = null) {
    this.live.textContent = text;
    this.toastPlace.innerHTML = `<span>${escape(text)}</span>${action ? `<button class="button small quiet">${escape(action[0])}</button>` : ""}`;
    this.toastPlace.hidden = false;
    this.toastPlace.querySelector("button")?.addEventListener("click", () => { this.toastPlace.hidden = true; action[1](); });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.toastPlace.hidden = true; }, action ? 15_000 : 7_000);
  }
}
