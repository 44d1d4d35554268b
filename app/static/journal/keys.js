// The keyboard of the table: moving, writing, clearing, undoing.

import { fieldsOf, finalField, isWritable } from "./columns.js";
import { asksReason, signOf, written } from "./writing.js";
import { askReason } from "./dialogs.js";
import { count, say } from "./words.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Keys {
  /** `actions`: openHead(c, text), openCell(), menu(), tell(text); `direction()` is "down" or "right". */
  constructor(table, journal, actions) {
    Object.assign(this, { table, journal, actions, leaving: false });
    table.root.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (!event.target.closest("td, th")) return;
    const taken = event.ctrlKey || event.metaKey ? this.control(event) : !event.altKey && this.plain(event);
    if (taken) event.preventDefault();
    if (event.key !== "Tab" && event.key !== "Shift") this.leaving = event.key === "Escape";
  }

  control({ code, key, shiftKey }) {
    const { table, journal } = this;
    const isZ = code === "KeyZ" || key.toLowerCase() === "z", isY = key.toLowerCase() === "y" || (code === "KeyY" && key !== "z");
    if (isZ || isY) { this.undo(isY || shiftKey); return true; }
    const last = [journal.state.students.length - 1, table.columns.length - 1];
    if (key === "Home") table.go(0, 0);
    else if (key === "End") table.go(...last);
    else if (code === "KeyA") { table.go(0, 0); table.go(...last, { extend: true }); }
    else if (ARROWS[key]) { const [down, right] = ARROWS[key]; this.jump(down, right, shiftKey); }
    else return false;
    return true;
  }

  jump(down, right, extend) {
    const { table } = this;
    table.go(down ? (down < 0 ? 0 : Infinity) : table.r, right ? (right < 0 ? 0 : Infinity) : table.c, { extend });
  }

  plain(event) {
    const { table } = this, { key, shiftKey: extend } = event;
    if (ARROWS[key]) table.step(...ARROWS[key], { extend });
    else if (key === "Tab") return !this.leaving && table.step(0, extend ? -1 : 1);
    else if (key === "Enter") this.enter(extend);
    else if (key === "F2") { if (table.atHead) this.actions.openHead(table.c); else this.actions.openCell(); }
    else if (key === "Home") table.go(table.r, 0, { extend });
    else if (key === "End") table.go(table.r, Infinity, { extend });
    else if (key === "PageDown" || key === "PageUp") table.go(table.r + (key === "PageDown" ? 10 : -10), table.c, { extend });
    else if (key === "Delete" || key === "Backspace") this.clear();
    else if (key === "Escape") table.go(table.r, table.c);
    else if (table.atHead && key.length === 1 && key !== " ") this.actions.openHead(table.c, key);
    else return key.length === 1 && this.write(signOf(event));
    return true;
  }

  enter(up) {
    const { table, journal } = this;
    if (table.atHead) { this.actions.openHead(table.c); return; }
    if (this.actions.openConflict()) return;
    if (table.column.kind === "final" && !up) this.accept();
    if (up) table.step(...this.way().map((step) => -step)); else table.advance(...this.way());
    journal.sender.changed();
  }

  way() { return this.actions.direction() === "right" ? [0, 1] : [1, 0]; }

  /** Take over the proposed mark where none stands. */
  accept() {
    const { column, student } = this.table, field = finalField(column, student);
    const proposed = this.journal.proposed(student, column.column);
    if (proposed === null || this.journal.value(field) || !isWritable(this.journal, column, student)) return;
    this.journal.edit([[field, String(proposed), { reason: "" }]]);
  }

  write(sign) {
    const { table, journal } = this;
    if (!sign || table.atHead) return false;
    const { column, student } = table, result = written(journal, column, student, sign);
    if (!result) return false;
    if (result.refusal) { this.actions.tell(result.refusal); return true; }
    this.put(column, student, result.change);
    return true;
  }

  async put(column, student, [field, value]) {
    const { table, journal } = this;
    let extra = {};
    if (asksReason(journal, column, student, value)) {
      const reason = await askReason(student, value, journal.proposed(student, column.column));
      if (!reason) { table.go(table.r, table.c); return; }
      extra = { reason };
    }
    journal.edit([[field, value, extra]]);
    table.advance(...this.way());
  }

  clear() {
    const { table, journal } = this;
    if (table.atHead) return;
    const [top, bottom, left, right] = table.block(), changes = [];
    for (let r = top; r <= bottom; r++) {
      for (let c = left; c <= right; c++) {
        const column = table.columns[c], student = journal.state.students[r];
        if (!isWritable(journal, column, student)) continue;
        for (const field of fieldsOf(column, student)) if (journal.value(field) || journal.status(field)) changes.push([field, ""]);
      }
    }
    if (changes.length) journal.edit(changes);
  }

  undo(again) {
    const done = again ? this.journal.redo() : this.journal.undo();
    if (!done) { this.actions.tell(say("nothing to undo")); return; }
    const place = done.fields.length ? this.table.place(done.fields[0]) : null;
    if (place) this.table.go(...place);
    if (done.left) this.actions.tell(count("left alone", done.left));
  }
}
