// Averages and proposed marks, by the formulas of app/journal/grading.py: figures in, figures out.

/** The weighted average of [value, weight] pairs in hundredths, rounded half up; null of nothing. */
export function average(marks) {
  let total = 0, weights = 0;
  for (const [value, weight] of marks) { total += value * weight; weights += weight; }
  return weights ? Math.floor((200 * total + weights) / (2 * weights)) : null;
}

/** A whole mark of an average in hundredths: up from the school's threshold on. */
export const rounded = (hundredths, grading) => Math.floor((hundredths + 100 - grading.threshold) / 100);

/** The term mark that the marks give; null while there are fewer than the school's minimum. */
export function proposedTerm(marks, grading) {
  const figure = marks.length >= grading.minimum ? average(marks) : null;
  return figure === null ? null : rounded(figure, grading);
}

/** The year mark that the term marks give; null of nothing. */
export function proposedYear(termMarks, grading) {
  const figure = average(termMarks.map((value) => [value, 1]));
  return figure === null ? null : rounded(figure, grading);
}

/** Whether a final mark differs from the proposed one by more than the school allows. */
export const needsReason = (value, proposed, grading) =>
  proposed !== null && /^[1-5]$/.test(value) && Math.abs(value - proposed) > grading.tolerance;
