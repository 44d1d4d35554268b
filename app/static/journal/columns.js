// The columns of the table, from left to right, and which of them a person may write in.

/**
 * kind: lesson (a work of a lesson, or the lesson itself), final; or a figure: plain, weighted, absences, proposed.
 * `first`: the column that shows the attendance of its lesson.
 */
export function columnsOf(state) {
  const columns = [];
  for (const lesson of state.term === null ? [] : state.lessons) { // the page of the year has no lessons
    const works = state.marks && lesson.marks ? state.worksOf(lesson.id) : [];
    const shown = works.length ? works : [null];
    shown.forEach((work, place) => columns.push({ kind: "lesson", lesson, work, first: place === 0 }));
  }
  if (!state.whole) return columns;
  const figures = state.term === null ? [] : state.marks ? ["plain", "weighted", "absences"] : ["absences"];
  columns.push(...figures.map((kind) => ({ kind, figure: true })));
  for (const column of state.marks || state.term === null ? state.columns : []) {
    if (state.term !== null || column.id === "year") columns.push({ kind: "proposed", column, figure: true });
    columns.push({ kind: "final", column });
  }
  return columns;
}

export const markField = ({ lesson, work }, student) => `m/${work ? work.id : `L${lesson.id}`}/${student.id}`;
export const letterField = ({ lesson }, student) => `a/${lesson.id}/${student.id}`;
export const finalField = ({ column }, student) => `f/${column.id}/${student.id}`;

/** Whether the person may write in the cell of the student. */
export function isWritable(journal, column, student) {
  if (column.figure || journal.state.locked) return false;
  if (column.kind === "final") return column.column.writable;
  return column.lesson.writable && !journal.outside(student, column.lesson);
}

/** The fields whose values the cell shows. */
export function fieldsOf(column, student) {
  if (column.kind === "final") return [finalField(column, student)];
  return column.first ? [markField(column, student), letterField(column, student)] : [markField(column, student)];
}
