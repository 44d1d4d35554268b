// Two people on one cell: who changed it to what and when, and the choice between theirs and mine.

import { place } from "./palette.js";
import { escape, say, sayMoment } from "./words.js";

const shown = (value) => (typeof value === "object" && value ? [value.comment, value.note].filter(Boolean).join(" / ") : value) || "—";

export class Conflicts {
  /** `cellOf(field)` is the element to stand at, or null; `where(field)` says in words where it is. */
  constructor(journal, { cellOf, where }) {
    Object.assign(this, { journal, cellOf, where, box: null, edit: null });
    for (const name of ["scroll", "resize"]) addEventListener(name, () => this.move(), { capture: true, passive: true });
  }

  /** Show the first open conflict, or that of `field`; the focus is not taken. */
  show(field = null) {
    const open = this.journal.queue.inState("conflict");
    const edit = field ? open.find((one) => one.field === field) : open.find((one) => one === this.edit) ?? open[0];
    if (edit === this.edit && this.box) return Boolean(edit);
    this.box?.remove();
    this.box = null;
    this.edit = edit ?? null;
    if (!edit) return false;
    const { value, by, at } = edit.theirs;
    this.box = document.createElement("div");
    this.box.className = "conflict-box";
    this.box.setAttribute("role", "alertdialog");
    this.box.setAttribute("aria-label", say("conflict"));
    this.box.innerHTML = `<p>${escape(this.where(edit.field))}</p>
      <p>${escape(say("conflict text", { by: by || say("somebody"), value: shown(value), at: at ? sayMoment(at) : "", mine: shown(edit.value) }))}</p>
      <div class="dialog-actions"><button class="button quiet small" data-mine="">${escape(say("keep theirs", { value: shown(value) }))}</button>
      <button class="button small" data-mine="yes">${escape(say("put mine", { value: shown(edit.value) }))}</button></div>`;
    this.box.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.end(Boolean(button.dataset.mine));
    });
    this.box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.cellOf(this.edit.field)?.focus({ preventScroll: true });
    });
    document.body.append(this.box);
    this.move();
    return true;
  }

  /** Put the focus into the box of the field's conflict; false when there is none. */
  enter(field) {
    if (!this.journal.queue.inState("conflict").some((edit) => edit.field === field)) return false;
    this.show(field);
    this.box.querySelector("button").focus();
    return true;
  }

  end(mine) {
    const { edit, journal } = this, cell = this.cellOf(edit.field);
    this.box.remove();
    Object.assign(this, { box: null, edit: null });
    journal.queue.resolve(edit, mine);
    journal.paint([edit.field]);
    journal.sender.kick(0);
    journal.sender.changed();
    cell?.focus({ preventScroll: true });
    this.show(); // the next one
  }

  move() {
    const cell = this.box && this.cellOf(this.edit.field);
    if (cell) place(this.box, cell, true);
    else this.box?.removeAttribute("style"); // of another lesson or term: at the edge of the window
  }
}
