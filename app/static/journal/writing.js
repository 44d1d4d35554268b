// What a typed sign means for a cell, and why it may not be written there.

import { finalField, isWritable, letterField, markField } from "./columns.js";
import { needsReason } from "./figures.js";
import { say } from "./words.js";

export const LETTERS = ["Н", "У", "Б", "О"];
export const FINALS = ["5", "4", "3", "2", "1", "зач", "н/а", "осв"];
// Their keys where the keyboard is set to Latin.
const PHYSICAL = { KeyY: "н", KeyE: "у", Comma: "б", KeyJ: "о", KeyP: "з" };
const FINAL_LETTERS = { н: "н/а", о: "осв", з: "зач" };

/** The digit or letter of a key press, or "". */
export function signOf({ key, code }) {
  if (key.length !== 1) return "";
  if (/^[0-9]$/.test(key)) return key;
  return /[а-яё]/i.test(key) ? key.toLowerCase() : PHYSICAL[code] ?? "";
}

/** The change that a sign makes: {change: [field, value]} or {refusal}; null when it means nothing here. */
export function written(journal, column, student, sign) {
  if (column.figure) return null;
  const isLetter = column.kind === "lesson" && LETTERS.includes(sign.toUpperCase());
  const value = column.kind === "final" ? FINAL_LETTERS[sign] ?? sign : sign.toUpperCase();
  const field = column.kind === "final" ? finalField(column, student) : (isLetter ? letterField : markField)(column, student);
  if (!isLetter && !/^\d$/.test(value) && !(column.kind === "final" && FINALS.includes(value))) return null;
  const refusal = whyNot(journal, column, student, value, isLetter);
  return refusal ? { refusal } : { change: [field, value] };
}

/** Why a value may not stand in a cell; "" when it may. */
export function whyNot(journal, column, student, value, isLetter = LETTERS.includes(value)) {
  if (!isWritable(journal, column, student)) return whyFixed(journal, column, student);
  if (isLetter) return "";
  if (column.kind === "lesson" && !(journal.state.marks && column.lesson.marks)) return say("no marks here");
  if (column.kind === "final" ? FINALS.includes(value) : /^[1-5]$/.test(value)) return "";
  return say(column.kind === "final" ? "bad final" : "bad mark", { value });
}

function whyFixed(journal, column, student) {
  if (journal.state.locked) return say("locked");
  if (column.kind === "final" || !journal.outside(student, column.lesson)) {
    return column.lesson?.cancelled ? say("cancelled", column.lesson) : say("only to look at");
  }
  return say("not in the group");
}

/** Whether a reason must be given for a final mark. */
export const asksReason = (journal, column, student, value) =>
  column.kind === "final" && needsReason(value, journal.proposed(student, column.column), journal.state.grading);
