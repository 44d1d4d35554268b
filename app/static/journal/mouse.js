// The mouse and the finger on the table: a click chooses, dragging chooses a block, a double or right click offers marks,
// a head opens its lesson or work.

import { finalField, isWritable, letterField, markField } from "./columns.js";
import { openPalette } from "./palette.js";
import { LETTERS } from "./writing.js";

export class Mouse {
  constructor(table, journal, actions) {
    Object.assign(this, { table, journal, actions, dragging: false });
    const { root } = table;
    root.addEventListener("pointerdown", (event) => this.down(event));
    root.addEventListener("pointerover", (event) => this.over(event));
    addEventListener("pointerup", () => { this.dragging = false; });
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("dblclick", (event) => this.offer(event));
    root.addEventListener("contextmenu", (event) => this.offer(event));
  }

  /** Row and column of what was pointed at; null where a person does not write. */
  placeOf(target) {
    const td = target.closest("tbody td");
    if (!td) return null;
    const place = [td.parentElement.sectionRowIndex, td.cellIndex - 1];
    return this.table.columns[place[1]].figure ? null : place;
  }

  down(event) {
    const place = this.placeOf(event.target);
    if (event.button !== 0 || event.pointerType === "touch" || !place) return;
    event.preventDefault();
    this.table.go(...place, { extend: event.shiftKey });
    this.dragging = true;
  }

  over(event) {
    const { table } = this, place = this.dragging && event.buttons === 1 && this.placeOf(event.target);
    if (place && (place[0] !== table.r || place[1] !== table.c)) table.go(...place, { extend: true });
  }

  click(event) {
    const { table, actions } = this, head = event.target.closest("th.lesson"), work = event.target.closest("th.work");
    if (head) {
      table.go(-1, +head.dataset.c);
      actions.works.openLesson(table.column.lesson);
    } else if (work) {
      const column = table.columns[+work.dataset.work];
      if (column.work && column.lesson.writable && !this.journal.state.locked) actions.works.openWork(column.work);
      else actions.works.openLesson(column.lesson);
    } else if (event.pointerType === "touch") this.offer(event);
  }

  /** A menu at the cell with what may be written there. */
  offer(event) {
    const { table, journal, actions } = this, place = this.placeOf(event.target);
    if (!place) return;
    event.preventDefault();
    table.go(...place);
    const { column, student } = table, isFinal = column.kind === "final";
    const marks = !isFinal && journal.state.marks && column.lesson.marks;
    const proposed = isFinal ? journal.proposed(student, column.column) : null;
    openPalette(table.cell(), column, { writable: isWritable(journal, column, student), proposed, marks }, (value) => {
      const field = isFinal ? finalField : LETTERS.includes(value) ? letterField : markField;
      if (value === "clear") actions.keys.clear();
      else if (value === "say") actions.openComment(column, student);
      else actions.keys.put(column, student, [field(column, student), value === "accept" ? String(proposed) : value]);
    });
  }
}
