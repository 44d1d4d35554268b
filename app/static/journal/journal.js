// The journal as the person sees it: what the server has, with what was typed and is not saved yet laid over it.

import { proposedTerm, proposedYear, average } from "./figures.js";
import { same } from "./queue.js";
import { say } from "./words.js";

export class Journal {
  constructor(state, queue) {
    this.state = state;
    this.queue = queue;
    this.refusals = new Map(); // field: why what was typed or pasted was not even sent
    this.names = new Map(); // m/L7/… : the work that the lesson has got since
    this.steps = [];
    this.redone = [];
    this.painters = [];
  }

  /** `painter(fields)` is called with the fields that look different now; null: everything. */
  onPaint(painter) { this.painters.push(painter); }
  paint(fields) { for (const painter of this.painters) painter(fields); }

  value(field) {
    const edit = this.queue.of(field);
    return edit && edit.state !== "refused" ? edit.value : this.state.value(field);
  }

  /** "" | waiting | conflict | refused */
  status(field) { return this.refusals.has(field) ? "refused" : this.queue.of(field)?.state ?? ""; }

  /** Why the last edit of a field was not accepted. */
  refusal(field) {
    const edit = this.queue.of(field);
    return this.refusals.get(field) ?? (edit?.state === "refused" ? edit.message || say("refused") : "");
  }

  refuse(field, why) {
    this.refusals.set(field, why);
    this.paint([field]);
  }

  /** Fields with something not accepted, and why. */
  problems() {
    const sent = this.queue.inState("refused").map((edit) => [edit.field, edit.message || say("refused")]);
    return [...sent, ...this.refusals];
  }

  dismiss() {
    const fields = this.problems().map(([field]) => field);
    this.refusals.clear();
    this.queue.dismiss(this.queue.inState("refused"));
    this.paint(fields);
  }

  /** Change [field, value, extra] as one step that can be undone. */
  edit(changes, { step = true } = {}) {
    const real = changes.filter(([field, value]) => !same(this.value(field), value));
    for (const [field] of changes) this.refusals.delete(field);
    if (real.length) {
      if (step) this.remember({ changes: real.map(([field, value, extra]) => [field, this.value(field), value, this.reason(field), extra, this.said(field)]) });
      this.queue.add(real);
    }
    this.paint(changes.map(([field]) => field));
    if (real.length) this.sender.kick();
  }

  reason(field) { return field[0] === "f" ? { reason: this.state.rows.get(field)?.reason ?? "" } : {}; }

  /** The comment and the note of a mark, which go when it is cleared; null where there are none. */
  said(field) {
    const said = field[0] === "m" ? this.value(field.replace("m", "c")) : null;
    return said?.comment || said?.note ? said : null;
  }

  remember(step) {
    this.steps.push(step);
    this.redone = [];
  }

  /** Undo (or do again) the last step; edits that somebody changed since are left. Gives the fields, and how many were left. */
  undo(from = this.steps, to = this.redone) {
    const step = from.pop();
    if (!step) return null;
    if (step.restore) { step.restore(); return { fields: [], left: 0 }; }
    const now = step.changes.map(([field, ...rest]) => [this.named(field), ...rest]);
    const mine = now.filter(([field, , after]) => same(this.value(field), after));
    const back = mine.filter(([, before, after, , , said]) => said && before && !after);
    this.edit(mine.map(([field, before, , reason]) => [field, before, reason]), { step: false });
    this.edit(back.map(([field, , , , , said]) => [field.replace("m", "c"), said]), { step: false });
    to.push({ changes: mine.map(([field, before, after, reason, extra]) => [field, after, before, extra ?? {}, reason, this.said(field)]) });
    return { fields: mine.map(([field]) => field), left: now.length - mine.length };
  }
  redo() { return this.undo(this.redone, this.steps); }

  named(field) {
    const [kind, thing, student] = field.split("/");
    const work = this.names.get(thing);
    return work ? `${kind}/${work}/${student}` : field;
  }

  /** A lesson that had no work got one by its first mark. */
  name(lesson, work) {
    this.names.set(`L${lesson}`, work);
    this.queue.rename(lesson, work);
    for (const [field, why] of [...this.refusals]) {
      if (!field.startsWith(`m/L${lesson}/`)) continue;
      this.refusals.delete(field);
      this.refusals.set(this.named(field), why);
    }
  }

  /** Take the server's answers over. */
  heard(settled) {
    const fields = [];
    for (const [edit, result] of settled) {
      if (result.work && !this.state.workById.has(result.work.id)) {
        this.state.addWork(result.work);
        this.onWork(result.work);
      }
      const field = this.named(edit.field);
      fields.push(field);
      if (result.value === undefined && result.status !== "saved") continue;
      const value = result.value === undefined || field[0] === "c" ? edit.value : result.value ?? "";
      const more = { version: result.version };
      if (field[0] === "m" && result.status === "saved") more.late = result.late ?? 0;
      if (field[0] === "f" && result.status === "saved") more.reason = edit.extra?.reason ?? "";
      if (result.status === "saved" || field[0] !== "c") this.state.set(field, value, more);
      if (field[0] === "a" && value && result.status === "saved") { // who notes one who is away has taken the attendance
        const taken = `r/${field.split("/")[1]}`;
        this.state.set(taken, "1", {});
        fields.push(taken);
      }
    }
    this.paint(fields);
  }

  /** Whether the student is not in the group on the day of the lesson. */
  outside(student, lesson) {
    return Boolean((student.from && lesson.date < student.from) || (student.until && lesson.date > student.until));
  }

  /** [value, weight] of the student's marks; a lesson that was cancelled counts as any other. */
  marks(student) {
    const marks = [];
    for (const work of this.state.works) {
      const value = this.value(`m/${work.id}/${student.id}`);
      if (value) marks.push([+value, work.weight]);
    }
    for (const lesson of this.bare) {
      const value = this.value(`m/L${lesson}/${student.id}`);
      if (value) marks.push([+value, 1]);
    }
    return marks;
  }

  /** Lessons without works: a mark typed there makes a work. */
  get bare() {
    const marked = new Set(this.state.works.map((work) => work.lesson));
    return this.state.lessons.filter((lesson) => !marked.has(lesson.id)).map((lesson) => lesson.id);
  }

  absences(student) {
    return this.state.lessons.filter((lesson) => "НУБ".includes(this.value(`a/${lesson.id}/${student.id}`) || "-")).length;
  }

  /** The final mark that the marks (or on the year page the term marks) propose; null: none. */
  proposed(student, column) {
    if (column.id.startsWith("term:")) {
      return this.state.term === null ? null : proposedTerm(this.marks(student), this.state.grading);
    }
    if (column.id !== "year") return null;
    const terms = this.state.columns.filter((other) => other.id.startsWith("term:"));
    const values = terms.map((term) => this.value(`f/${term.id}/${student.id}`)).filter((value) => /^[1-5]$/.test(value));
    return proposedYear(values.map(Number), this.state.grading);
  }

  figures(student) {
    const marks = this.marks(student);
    return { plain: average(marks.map(([value]) => [value, 1])), weighted: average(marks), absences: this.absences(student) };
  }
}
