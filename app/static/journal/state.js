// What the server said last: students, lessons, works, and every row (mark, absence, lesson's words, final mark).
//
// A field is one thing a person edits, a row is what has a version on the server:
//   field m/WORK/STUDENT   c/WORK/STUDENT   a/LESSON/STUDENT   t/LESSON  h/LESSON  r/LESSON   f/COLUMN/STUDENT
//   row   m/WORK/STUDENT   (the same)       a/LESSON/STUDENT   l/LESSON  (the same) (the same)  f/COLUMN/STUDENT
// A mark in a lesson that has no work yet is m/L7/STUDENT until its work is known.

export const rowOf = (field) => field.replace(/^c/, "m").replace(/^[th]/, "l");

export class State {
  constructor(data) {
    this.rows = new Map();
    this.touched = new Map(); // row: the tick of the last answer about it
    this.tick = 0;
    this.take(data);
  }

  take(data) {
    Object.assign(this, data);
    this.lessonById = new Map(data.lessons.map((lesson) => [lesson.id, lesson]));
    this.workById = new Map(data.works.map((work) => [work.id, work]));
    this.kindById = new Map(data.kinds.map((kind) => [kind.id, kind]));
    this.rows = rowsOf(data);
  }

  worksOf(lesson) { return this.works.filter((work) => work.lesson === lesson); }

  /** What the server has for a field. */
  value(field) {
    const row = this.rows.get(rowOf(field));
    switch (field[0]) {
      case "c": return { comment: row?.comment ?? "", note: row?.note ?? "" };
      case "t": return row?.topic ?? "";
      case "h": return row?.homework ?? "";
      default: return row?.value ?? "";
    }
  }

  version(row) { return this.rows.get(row)?.version ?? 0; }

  /** Note an answer about one field: what stands now. */
  set(field, value, more) {
    const row = rowOf(field);
    const known = this.rows.get(row) ?? {};
    const change = { c: () => value, t: () => ({ topic: value }), h: () => ({ homework: value }) }[field[0]]?.() ?? { value };
    this.touched.set(row, ++this.tick);
    if (value === "" && "maf".includes(field[0])) this.rows.set(row, { value: "", version: more.version ?? 0 });
    else this.rows.set(row, { ...known, ...change, ...more });
  }

  /** A work that the server made or changed. */
  addWork(work) {
    const at = this.works.findIndex((known) => known.id === work.id);
    if (at >= 0) this.works[at] = work; else this.works.push(work);
    this.workById.set(work.id, work);
    this.tick++;
  }

  /**
   * Take a newer state over; rows that were answered after `since` are newer here and stay.
   * Gives the rows that changed, and whether the shape of the table did.
   */
  merge(data, since) {
    const before = this.rows, shape = shapeOf(this);
    const kept = [...before].filter(([row]) => (this.touched.get(row) ?? 0) > since);
    this.take(data);
    for (const [row, known] of kept) this.rows.set(row, known);
    const changed = [];
    for (const row of new Set([...before.keys(), ...this.rows.keys()])) {
      if (JSON.stringify(before.get(row) ?? null) !== JSON.stringify(this.rows.get(row) ?? null)) changed.push(row);
    }
    return { changed, reshaped: shape !== shapeOf(this) };
  }
}

function rowsOf(data) {
  const rows = new Map();
  for (const [work, student, value, version, late, comment, note] of data.entries) {
    rows.set(`m/${work}/${student}`, { value: String(value), version, late, comment: comment ?? "", note: note ?? "" });
  }
  for (const [lesson, student, value, version, reason] of data.absences) {
    rows.set(`a/${lesson}/${student}`, { value, version, reason: reason ?? "" });
  }
  for (const [student, column, value, version, reason] of data.finals) {
    rows.set(`f/${column}/${student}`, { value, version, reason: reason ?? "" });
  }
  for (const { id, topic, homework, version, roll } of data.lessons) {
    rows.set(`l/${id}`, { topic, homework, version });
    rows.set(`r/${id}`, { value: roll ? "1" : "", version: 0 }); // attendance is taken
  }
  return rows;
}

/** What makes the table another one; not its words and values. */
const shapeOf = ({ students, lessons, works, columns, marks, whole, locked }) => JSON.stringify([
  students.map(({ id, name, from, until }) => [id, name, from, until]),
  lessons.map((lesson) => [lesson.id, lesson.date, lesson.number, lesson.room, lesson.writable, lesson.marks, lesson.cancelled, lesson.reason, lesson.substitute]),
  works.map(({ id, lesson, kind, title, weight }) => [id, lesson, kind, title, weight]).sort(([one], [other]) => one - other),
  columns.map(({ id, name, writable }) => [id, name, writable]), marks, whole, locked,
]);
