// Blocks of cells to and from the clipboard, as a spreadsheet has them: a line a student, tabs between cells.

import { letterField, markField, finalField } from "./columns.js";
import { asksReason, FINALS, whyNot } from "./writing.js";
import { count, say } from "./words.js";

export class Clipboard {
  constructor(table, journal, tell) {
    Object.assign(this, { table, journal, tell });
    document.addEventListener("paste", (event) => {
      if (!table.root.contains(document.activeElement) || table.atHead) return;
      event.preventDefault();
      this.paste(event.clipboardData.getData("text/plain"));
    });
    table.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || (event.code !== "KeyC" && event.code !== "KeyX") || table.atHead) return;
      event.preventDefault();
      this.copy();
    });
  }

  /** Browsers copy only what is selected: the block goes through a text field for a moment, which needs no https. */
  copy() {
    const field = document.createElement("textarea");
    field.value = this.text();
    field.className = "sr-only";
    document.body.append(field);
    field.focus({ preventScroll: true });
    field.select();
    document.execCommand("copy");
    field.remove();
    this.table.cell().focus({ preventScroll: true });
  }

  text() {
    const { table, journal } = this, [top, bottom, left, right] = table.block(), lines = [];
    for (let r = top; r <= bottom; r++) {
      const student = journal.state.students[r];
      lines.push(table.columns.slice(left, right + 1).map((column) => this.said(column, student)).join("\t"));
    }
    return lines.join("\n");
  }

  said(column, student) {
    if (column.kind !== "lesson") return String(this.table.sheet.text(column, student));
    const letter = column.first ? this.journal.value(letterField(column, student)) : "";
    return [this.journal.value(markField(column, student)), letter].filter(Boolean).join(" ");
  }

  /** Good values are written as one step, bad ones are shown as refused; an empty cell of the block changes nothing. */
  paste(text) {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const changes = [], refused = [];
    let beyond = 0;
    for (const [r, c, value] of this.targets(lines)) {
      const column = this.table.columns[c], student = this.journal.state.students[r];
      if (!column || !student) beyond += value !== "";
      else this.judge(column, student, value, changes, refused);
    }
    if (changes.length) this.journal.edit(changes);
    for (const [field, why] of refused) this.journal.refuse(field, why);
    const said = [count("pasted", changes.length)];
    if (refused.length) said.push(`${count("not accepted", refused.length)} (${refused[0][1]})`);
    if (beyond) said.push(count("beyond", beyond));
    this.tell(said.join(" · "), refused.length > 0);
  }

  /** [row, column, value] of each pasted cell; one value goes into the whole chosen block. */
  targets(lines) {
    const [top, bottom, left, right] = this.table.block(), targets = [];
    const one = lines.length === 1 && lines[0].length === 1;
    const height = one ? bottom - top + 1 : lines.length;
    for (let r = 0; r < height; r++) {
      const width = one ? right - left + 1 : lines[r].length;
      for (let c = 0; c < width; c++) targets.push([top + r, left + c, (one ? lines[0][0] : lines[r][c]).trim()]);
    }
    return targets;
  }

  judge(column, student, value, changes, refused) {
    if (!value || column.figure) return;
    if (column.kind === "final") {
      const field = finalField(column, student), said = FINALS.find((known) => known === value.toLowerCase()) ?? value;
      const why = whyNot(this.journal, column, student, said, false) || (asksReason(this.journal, column, student, said) ? say("needs a reason") : "");
      if (why) refused.push([field, why]); else changes.push([field, said]);
      return;
    }
    const parts = /^([1-5])?\s*([нубоНУБО])?$/.exec(value);
    if (!parts) { refused.push([markField(column, student), whyNot(this.journal, column, student, value, false)]); return; }
    for (const [part, field] of [[parts[1], markField(column, student)], [parts[2], letterField(column, student)]]) {
      if (!part) continue;
      const sign = part.toUpperCase(), why = whyNot(this.journal, column, student, sign);
      if (why) refused.push([field, why]); else changes.push([field, sign]);
    }
  }
}
