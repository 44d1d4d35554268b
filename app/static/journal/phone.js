// The journal in the hand: one lesson (or one final mark) at a time, the students as a list, big buttons.

import { columnsOf, fieldsOf, finalField, isWritable, letterField, markField } from "./columns.js";
import { asksReason, FINALS, LETTERS, whyNot } from "./writing.js";
import { askReason } from "./dialogs.js";
import { escape, say, sayDay } from "./words.js";

const MARKS = ["5", "4", "3", "2"];

export class Phone {
  constructor(root, journal, actions) {
    Object.assign(this, { root, journal, actions, page: null, work: 0, open: null });
    journal.onPaint((fields) => { if (this.shown) { if (fields) this.paint(fields); else this.draw(); } });
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("change", (event) => this.change(event.target));
    root.addEventListener("input", (event) => { // who puts the phone away loses no words
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.change(event.target), 700);
    });
    let start = null;
    root.addEventListener("touchstart", (event) => { start = event.touches.length === 1 ? event.touches[0] : null; }, { passive: true });
    root.addEventListener("touchend", (event) => {
      const end = event.changedTouches[0];
      if (!start || event.target.closest("input, textarea, .work-tabs")) return;
      const [across, down] = [end.clientX - start.clientX, end.clientY - start.clientY];
      if (Math.abs(across) > 70 && Math.abs(across) > 2 * Math.abs(down)) this.turn(across < 0 ? 1 : -1);
    });
  }

  get shown() { return this.root.offsetParent !== null; }

  /** What can be turned to: each lesson with its columns, then each final mark. */
  get pages() {
    const pages = new Map();
    for (const column of columnsOf(this.journal.state)) {
      if (column.figure) continue;
      const id = column.kind === "final" ? column.column.id : column.lesson.id;
      pages.set(id, [...(pages.get(id) ?? []), column]);
    }
    return [...pages].map(([id, columns]) => ({ id, columns, lesson: columns[0].lesson }));
  }

  get columns() { return this.pages.find(({ id }) => id === this.page).columns; }
  get column() { return this.columns[Math.min(this.work, this.columns.length - 1)]; }

  /** Draw the page; what is being typed in it stays. */
  draw() {
    const input = this.root.contains(document.activeElement) ? document.activeElement : null, { field } = input?.dataset ?? {};
    this.fill();
    const again = field && this.root.querySelector(`[data-field="${field}"]`);
    if (!again) return;
    again.value = input.value;
    again.focus({ preventScroll: true });
    again.setSelectionRange(input.selectionStart, input.selectionEnd);
  }

  fill() {
    const { state } = this.journal, pages = this.pages;
    if (!pages.some(({ id }) => id === this.page)) {
      const held = pages.filter(({ lesson }) => lesson && lesson.date <= state.today && !lesson.cancelled);
      this.page = (held.at(-1) ?? pages[0])?.id ?? null;
    }
    if (this.page === null) { this.root.innerHTML = `<p class="empty">${escape(say("no lessons"))}</p>`; return; }
    const at = pages.findIndex(({ id }) => id === this.page), { lesson, columns } = pages[at];
    const turn = (step, sign, name, open) => `<button class="button quiet" data-turn="${step}" aria-label="${escape(say(name))}"${open ? "" : " disabled"}>${sign}</button>`;
    this.root.innerHTML = `
      <div class="lesson-turn">${turn(-1, "‹", "earlier", at > 0)}
        ${lesson ? this.day(lesson) : `<strong class="day">${escape(columns[0].column.name)}</strong>`}
        ${turn(1, "›", "later", at < pages.length - 1)}</div>
      ${lesson ? this.words(lesson) + this.tabs(columns) : ""}
      <ul class="pupils">${state.students.map((student) => `<li data-student="${student.id}">${this.pupil(student)}</li>`).join("")}</ul>`;
  }

  day(lesson) {
    const cancelled = lesson.cancelled ? ` · ${escape(say("cancelled", lesson))}` : "";
    return `<button class="link day" data-open="lesson">${escape(sayDay(lesson.date))}<small>${escape(say("nth lesson", lesson))}${cancelled}</small></button>`;
  }

  words(lesson) {
    const closed = lesson.writable && !this.journal.state.locked ? "" : " readonly", { id } = lesson;
    const [topic, homework] = [`t/${id}`, `h/${id}`].map((field) => escape(this.journal.value(field)));
    return `<label class="field"><span>${escape(say("topic"))}</span>
        <input data-field="t/${id}" maxlength="300" value="${topic}" placeholder="${escape(lesson.planned)}"${closed}></label>
      <label class="field"><span>${escape(say("homework"))}</span>
        <textarea data-field="h/${id}" rows="1" maxlength="10000"${closed}>${homework}</textarea></label>${this.rollCall(lesson, closed)}`;
  }

  rollCall(lesson, closed) {
    if (lesson.cancelled || lesson.date > this.journal.state.today) return "";
    const taken = Boolean(this.journal.value(`r/${lesson.id}`));
    return `<p class="roll-call"><button class="button quiet" data-roll="${lesson.id}" aria-pressed="${taken}"${closed ? " disabled" : ""}>${escape(say("roll call"))}</button></p>`;
  }

  tabs(columns) {
    if (columns.length < 2) return "";
    const { kindById } = this.journal.state;
    const name = (work) => escape(work.title || (kindById.get(work.kind)?.name ?? work.kind));
    const tab = ({ work }, place) => `<button role="tab" data-tab="${place}" aria-selected="${place === this.work}">${name(work)}</button>`;
    return `<div class="work-tabs" role="tablist">${columns.map(tab).join("")}</div>`;
  }

  pupil(student) {
    const { journal, column } = this, fields = this.fields(column, student), writable = isWritable(journal, column, student);
    const [value, letter = ""] = fields.map((field) => journal.value(field));
    const why = fields.map((field) => journal.refusal(field)).find(Boolean);
    const statuses = fields.map((field) => journal.status(field)).filter(Boolean).join(" ");
    const open = this.open === student.id && writable;
    const proposed = column.kind === "final" ? journal.proposed(student, column.column) : null;
    const hint = proposed === null ? "" : `<small>${escape(say("proposed is", { proposed }))}</small>`;
    const name = escape(student.name) + hint + (why ? `<em>${escape(why)}</em>` : "");
    const head = `<button class="pupil ${statuses}" data-pupil aria-expanded="${open}"${writable ? "" : " disabled"}>
      <span>${name}</span><b>${escape(value)}<i>${escape(letter)}</i></b></button>`;
    return open ? head + this.signs(column, value, letter) : head;
  }

  fields(column, student) { return column.kind === "final" ? fieldsOf(column, student) : [markField(column, student), letterField(column, student)]; }

  signs(column, value, letter) {
    const button = (sign, now) => `<button class="button quiet" data-value="${escape(sign)}" aria-pressed="${sign === now}">${escape(sign)}</button>`;
    const clear = `<button class="button quiet" data-value="" aria-label="${escape(say("clear"))}">×</button>`;
    if (column.kind === "final") {
      return `<div class="signs finals">${FINALS.filter((sign) => sign !== "1").map((sign) => button(sign, value)).join("")}${clear}</div>`;
    }
    const marks = this.journal.state.marks && column.lesson.marks ? MARKS.map((sign) => button(sign, value)).join("") : "";
    return `<div class="signs">${marks}${clear}${LETTERS.map((sign) => button(sign, letter)).join("")}
      <button class="button quiet" data-open="comment" aria-label="${escape(say("comment and history"))}">…</button></div>`;
  }

  turn(step) {
    const pages = this.pages, next = pages[pages.findIndex(({ id }) => id === this.page) + step];
    if (!next) return;
    Object.assign(this, { page: next.id, work: 0, open: null });
    this.draw();
  }

  paint(fields) {
    const students = new Set(fields.map((field) => field.split("/")[2]).filter(Boolean));
    for (const id of students) this.again(+id);
    for (const field of fields.filter((one) => one[0] === "t" || one[0] === "h")) {
      const input = this.root.querySelector(`[data-field="${field}"]`);
      if (input && input !== document.activeElement) input.value = this.journal.value(field);
    }
    for (const field of fields.filter((one) => one[0] === "r")) {
      this.root.querySelector(`[data-roll="${field.slice(2)}"]`)?.setAttribute("aria-pressed", String(Boolean(this.journal.value(field))));
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
    const { turn, tab, value, open, pupil, roll } = button.dataset, item = button.closest("[data-student]");
    if (turn) this.turn(+turn);
    else if (tab) { this.work = +tab; this.draw(); }
    else if (open === "lesson") this.actions.openLesson(this.journal.state.lessonById.get(this.page));
    else if (open === "comment") this.actions.openComment(this.column, this.studentOf(item));
    else if (roll) this.journal.edit([[`r/${roll}`, this.journal.value(`r/${roll}`) ? "" : "1"]]);
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
  async write(student, value) {
    const { journal, column } = this;
    if (!value) {
      journal.edit(this.fields(column, student).filter((field) => journal.value(field)).map((field) => [field, ""]));
      return;
    }
    const isLetter = column.kind !== "final" && LETTERS.includes(value);
    const field = column.kind === "final" ? finalField(column, student) : (isLetter ? letterField : markField)(column, student);
    const why = whyNot(journal, column, student, value, isLetter);
    if (why) { journal.refuse(field, why); this.actions.tell(why); return; }
    if (journal.value(field) === value) { journal.edit([[field, ""]]); return; }
    let extra = {};
    if (asksReason(journal, column, student, value)) {
      const reason = await askReason(student, value, journal.proposed(student, column.column));
      if (!reason) return;
      extra = { reason };
    }
    journal.edit([[field, value, extra]]);
  }

  change(input) {
    clearTimeout(this.typing);
    const { field } = input.dataset;
    if (field) this.journal.edit([[field, input.value.replace(/\r\n/g, "\n").trim()]]);
  }

  cellOf(field) {
    const [kind, , id] = field.split("/");
    if (kind === "t" || kind === "h") return this.root.querySelector(`[data-field="${field}"]`);
    const student = this.journal.state.students.find((one) => one.id === +id);
    const isHere = student && this.page !== null && this.fields(this.column, student).includes(field);
    return isHere ? this.root.querySelector(`[data-student="${id}"] .pupil`) : null;
  }
}
