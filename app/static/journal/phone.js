// The journal in the hand: one lesson at a time, the students as a list, big buttons.

import { columnsOf, isWritable, letterField, markField } from "./columns.js";
import { LETTERS, whyNot } from "./writing.js";
import { escape, say, sayDay } from "./words.js";

const MARKS = ["5", "4", "3", "2"];

export class Phone {
  constructor(root, journal, actions) {
    Object.assign(this, { root, journal, actions, lesson: null, work: 0, open: null });
    journal.onPaint((fields) => { if (this.shown) { if (fields) this.paint(fields); else this.draw(); } });
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("change", (event) => this.change(event));
    let start = null;
    root.addEventListener("touchstart", (event) => { start = event.touches.length === 1 ? event.touches[0] : null; }, { passive: true });
    root.addEventListener("touchend", (event) => {
      const end = event.changedTouches[0];
      if (!start || event.target.closest("input, textarea")) return;
      const [across, down] = [end.clientX - start.clientX, end.clientY - start.clientY];
      if (Math.abs(across) > 70 && Math.abs(across) > 2 * Math.abs(down)) this.turn(across < 0 ? 1 : -1);
    });
  }

  get shown() { return this.root.offsetParent !== null; }
  get lessons() { return this.journal.state.lessons; }
  get columns() { return columnsOf(this.journal.state).filter((column) => column.lesson?.id === this.lesson); }
  get column() { return this.columns[Math.min(this.work, this.columns.length - 1)]; }

  draw() {
    const { state } = this.journal;
    if (!this.lessons.some((lesson) => lesson.id === this.lesson)) {
      this.lesson = (this.lessons.filter((lesson) => lesson.date <= state.today && !lesson.cancelled).at(-1) ?? this.lessons[0])?.id;
    }
    if (!this.lesson) { this.root.innerHTML = `<p class="empty">${escape(say("no lessons"))}</p>`; return; }
    const lesson = state.lessonById.get(this.lesson), at = this.lessons.indexOf(lesson), columns = this.columns;
    const closed = lesson.writable && !state.locked ? "" : " readonly";
    const tabs = columns.length > 1 ? `<div class="work-tabs" role="tablist">${columns.map(({ work }, place) => `<button role="tab" data-tab="${place}" aria-selected="${place === this.work}">${escape(work.title || (state.kindById.get(work.kind)?.name ?? work.kind))}</button>`).join("")}</div>` : "";
    this.root.innerHTML = `
      <div class="lesson-turn">
        <button class="button quiet" data-turn="-1" aria-label="${escape(say("earlier"))}"${at ? "" : " disabled"}>‹</button>
        <button class="link day" data-open="lesson">${escape(sayDay(lesson.date))}<small>${escape(say("nth lesson", lesson))}${lesson.cancelled ? ` · ${escape(say("cancelled", lesson))}` : ""}</small></button>
        <button class="button quiet" data-turn="1" aria-label="${escape(say("later"))}"${at < this.lessons.length - 1 ? "" : " disabled"}>›</button>
      </div>
      <label class="field"><span>${escape(say("topic"))}</span><input data-field="t/${lesson.id}" maxlength="300" value="${escape(this.journal.value(`t/${lesson.id}`))}" placeholder="${escape(lesson.planned)}"${closed}></label>
      <label class="field"><span>${escape(say("homework"))}</span><textarea data-field="h/${lesson.id}" rows="2" maxlength="4000"${closed}>${escape(this.journal.value(`h/${lesson.id}`))}</textarea></label>
      ${tabs}<ul class="pupils">${state.students.map((student) => `<li data-student="${student.id}">${this.pupil(student)}</li>`).join("")}</ul>`;
  }

  pupil(student) {
    const { journal } = this, column = this.column, writable = isWritable(journal, column, student);
    const mark = journal.value(markField(column, student)), letter = journal.value(letterField(column, student));
    const why = journal.refusal(markField(column, student)) || journal.refusal(letterField(column, student));
    const statuses = [journal.status(markField(column, student)), journal.status(letterField(column, student))].filter(Boolean).join(" ");
    const open = this.open === student.id && writable;
    const head = `<button class="pupil ${statuses}" data-pupil aria-expanded="${open}"${writable ? "" : " disabled"}><span>${escape(student.name)}${why ? `<em>${escape(why)}</em>` : ""}</span><b>${escape(mark)}<i>${escape(letter)}</i></b></button>`;
    if (!open) return head;
    const button = (value, now, text = value) => `<button class="button quiet" data-value="${escape(value)}" aria-pressed="${value === now}">${escape(text)}</button>`;
    const marks = journal.state.marks && column.lesson.marks ? MARKS.map((value) => button(value, mark)).join("") : "";
    return `${head}<div class="signs">${marks}<button class="button quiet" data-value="" aria-label="${escape(say("clear"))}">×</button>
      ${LETTERS.map((value) => button(value, letter)).join("")}<button class="button quiet" data-open="comment" aria-label="${escape(say("comment and history"))}">…</button></div>`;
  }

  turn(step) {
    const next = this.lessons[this.lessons.findIndex((lesson) => lesson.id === this.lesson) + step];
    if (!next) return;
    Object.assign(this, { lesson: next.id, work: 0, open: null });
    this.draw();
  }

  paint(fields) {
    const students = new Set(fields.map((field) => field.split("/")[2]).filter(Boolean));
    for (const id of students) this.again(+id);
    for (const field of fields.filter((one) => one[0] === "t" || one[0] === "h")) {
      const input = this.root.querySelector(`[data-field="${field}"]`);
      if (input && input !== document.activeElement) input.value = this.journal.value(field);
    }
  }

  again(id) {
    const item = this.root.querySelector(`[data-student="${id}"]`), student = this.journal.state.students.find((one) => one.id === id);
    if (!item || !student) return;
    const held = item.contains(document.activeElement) ? document.activeElement.dataset : null;
    item.innerHTML = this.pupil(student);
    if (held) (item.querySelector(`[data-value="${held.value}"]`) ?? item.querySelector("[data-pupil]")).focus({ preventScroll: true });
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const { turn, tab, value, open, pupil } = button.dataset, item = button.closest("[data-student]");
    if (turn) this.turn(+turn);
    else if (tab) { this.work = +tab; this.draw(); }
    else if (open === "lesson") this.actions.openLesson(this.journal.state.lessonById.get(this.lesson));
    else if (open === "comment") this.actions.openComment(this.column, this.studentOf(item));
    else if (pupil !== undefined) this.unfold(+item.dataset.student);
    else if (value !== undefined) this.write(this.studentOf(item), value);
  }

  studentOf(item) { return this.journal.state.students.find((one) => one.id === +item.dataset.student); }

  unfold(id) {
    const before = this.open;
    this.open = before === id ? null : id;
    if (before) this.again(before);
    this.again(id);
  }

  /** The same button again takes the sign back. */
  write(student, value) {
    const { journal, column } = this, mark = markField(column, student), letter = letterField(column, student);
    if (!value) { journal.edit([[mark, ""], [letter, ""]].filter(([field]) => journal.value(field))); return; }
    const field = LETTERS.includes(value) ? letter : mark, why = whyNot(journal, column, student, value);
    if (why) { journal.refuse(field, why); this.actions.tell(why); return; }
    journal.edit([[field, journal.value(field) === value ? "" : value]]);
  }

  change(event) {
    const { field } = event.target.dataset;
    if (field) this.journal.edit([[field, event.target.value.replace(/\r\n/g, "\n").trim()]]);
  }

  cellOf(field) {
    const [kind, , student] = field.split("/");
    return kind === "t" || kind === "h" ? this.root.querySelector(`[data-field="${field}"]`) : this.root.querySelector(`[data-student="${student}"] .pupil`);
  }
}
