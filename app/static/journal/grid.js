// The start of the journal page: puts the parts together. Loaded as a module from admin/journal/grid.html.

import { finalField, isWritable, letterField, markField } from "./columns.js";
import { Conflicts } from "./conflict.js";
import { askProblems, setHome, showHelp } from "./dialogs.js";
import { Journal } from "./journal.js";
import { Keys } from "./keys.js";
import { sendLeftover } from "./leftover.js";
import { Mouse } from "./mouse.js";
import { closePalette } from "./palette.js";
import { Clipboard } from "./paste.js";
import { Phone } from "./phone.js";
import { Queue } from "./queue.js";
import { sayLesson } from "./sheet.js";
import { State } from "./state.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import { Connection, Poll, Sender } from "./sync.js";
import { Table } from "./table.js";
import { count, say } from "./words.js";
import { Works } from "./works.js";

performance.mark("journal start");
const at = (id) => document.getElementById(id);
const page = at("grid");
const state = new State(JSON.parse(at("journal").textContent));
const term = `?term=${state.term ?? "year"}`;
const store = new Store(state.person);
const queue = new Queue(store, state.assignment, (row) => state.version(row));
const journal = new Journal(state, queue);
const connection = new Connection(page.dataset.url, state.person);
const status = new Status({ line: at("save-state"), problems: at("problems"), toast: at("toast"), live: at("live") }, journal, store);
const sender = journal.sender = new Sender(connection, queue, {
  heard, changed: () => status.show(), term,
});
const tell = (text, action) => status.toast(text, Array.isArray(action) ? action : null);
const isPhone = matchMedia("(max-width: 47.99rem)");
const table = new Table(at("table"), journal, () => sayCell());
const phone = new Phone(at("phone"), journal, { tell, openLesson: (lesson) => works.openLesson(lesson), openComment: (column, student) => openComment(column, student) });
const works = new Works(journal, connection, { refresh, tell, term, cardUrl: (id) => page.dataset.card.replace("/0/", `/${id}/`) });
const conflicts = new Conflicts(journal, {
  where: (field) => sayField(field),
  cellOf: (field) => {
    if (isPhone.matches) return phone.cellOf(field);
    const place = table.place(field);
    return place ? table.cell(...place) : null;
  },
});
const poll = new Poll(connection, sender, { term, tick: () => state.tick, merge });
const keys = new Keys(table, journal, {
  tell, direction: () => at("direction")?.value ?? "down",
  openHead: (c, text) => works.openLesson(table.columns[c].lesson, text),
  openCell: () => openComment(table.column, table.student),
  openConflict: () => !table.atHead && fieldsAt().some((field) => conflicts.enter(field)),
});
setHome(() => (isPhone.matches ? null : table.cell()));
new Mouse(table, journal, { keys, works, openComment });
new Clipboard(table, journal, tell);
journal.onWork = (work) => { journal.name(work.lesson, work.id); table.nameWork(work); if (phone.shown) phone.draw(); };
journal.onPaint(() => { sayCell(); status.show(); });

function heard(settled) {
  journal.heard(settled);
  const saved = settled.filter(([, result]) => result.status === "saved").map(([edit]) => journal.named(edit.field));
  if (!isPhone.matches) table.flash(saved, "kept");
  conflicts.show();
}

/** Others' changes, laid under what is typed here. */
function merge(data, since) {
  const bare = new Set(journal.bare);
  const { changed, reshaped } = state.merge(data, since);
  for (const work of state.works) if (bare.has(work.lesson)) journal.name(work.lesson, work.id);
  const words = changed.flatMap((row) => (row[0] === "l" ? [row.replace("l", "t"), row.replace("l", "h")] : [row]));
  journal.paint(reshaped ? null : words);
  if (!isPhone.matches) table.flash(changed.filter((row) => !queue.of(row)));
}

async function refresh() {
  poll.etag = null;
  const answer = await connection.ask(`state${term}`).catch(() => null);
  if (answer?.ok) merge(await answer.json(), state.tick);
}

const fieldsAt = () => {
  const { column, student } = table;
  if (column.kind === "final") return [finalField(column, student)];
  return column.kind === "lesson" ? [markField(column, student), letterField(column, student)] : [];
};

/** In words, where a field is. */
function sayField(field) {
  const [kind, thing, number] = field.split("/");
  const student = state.students.find((one) => one.id === +number)?.name;
  const lesson = state.lessonById.get(kind === "m" || kind === "c" ? (thing[0] === "L" ? +thing.slice(1) : state.workById.get(+thing)?.lesson) : +thing);
  const what = kind === "f" ? state.columns.find((column) => column.id === thing)?.name : lesson && sayLesson(lesson);
  return [student, what ?? say("another term")].filter(Boolean).join(" · ");
}

/** The line above the table: which cell this is and what is to know about it. */
function sayCell() {
  if (isPhone.matches || !table.columns?.length || !state.students.length) return;
  const { column, student } = table, parts = [];
  if (table.atHead) parts.push(sayLesson(column.lesson), journal.value(`t/${column.lesson.id}`) || say("no topic"));
  else if (column.kind === "lesson") {
    const row = state.rows.get(markField(column, student)), said = column.work ? journal.value(`c/${column.work.id}/${student.id}`) : {};
    const letter = journal.value(letterField(column, student));
    parts.push(student.name, sayLesson(column.lesson), column.work && works.name(column.work), letter && say(letter),
      state.rows.get(letterField(column, student))?.reason, row?.value && row.late && say("late"), said.comment, said.note && `(${said.note})`);
    if (column.lesson.cancelled) parts.push(say("cancelled", column.lesson));
    if (journal.outside(student, column.lesson)) parts.push(say("not in the group"));
  } else parts.push(student.name, column.column?.name, state.rows.get(`f/${column.column?.id}/${student.id}`)?.reason);
  const why = table.atHead ? "" : fieldsAt().map((field) => journal.refusal(field)).find(Boolean);
  const line = at("cell-line");
  line.textContent = parts.filter(Boolean).join(" · ");
  if (why) line.insertAdjacentHTML("beforeend", "<b></b>"), line.lastChild.textContent = ` ${why}`;
  if (why && at("live").dataset.cell !== why) at("live").textContent = why;
  at("live").dataset.cell = why ?? "";
}

function openComment(column, student) {
  if (column.figure) return;
  const work = column.work?.id, field = column.kind === "final" ? finalField(column, student) : markField(column, student);
  const query = column.kind === "final" ? `final=${column.column.id}` : work ? `work=${work}` : `lesson=${column.lesson.id}`;
  works.openComment({
    heading: sayField(field), field: `c/${work}/${student.id}`, query: `student=${student.id}&${query}`,
    writable: column.kind === "lesson" && isWritable(journal, column, student), hasMark: Boolean(work && journal.value(field)),
  });
}

// The toolbar.
const direction = at("direction");
try { direction.value = localStorage.getItem("journal-direction") ?? "down"; } catch { /* a browser that keeps nothing */ }
direction.addEventListener("change", () => {
  try { localStorage.setItem("journal-direction", direction.value); } catch { /* for this visit only */ }
});
at("help").addEventListener("click", showHelp);
at("add-lesson")?.addEventListener("click", () => works.addLesson());
at("problems").addEventListener("click", async () => {
  const said = await askProblems(journal.problems().map(([field, why]) => [field, sayField(field), why]));
  if (said?.button === "dismiss") journal.dismiss();
  else if (said) { const place = table.place(said.button); if (place) table.go(...place); }
});
at("save-state").addEventListener("click", () => { if (conflicts.show()) conflicts.box.querySelector("button").focus(); });
at("take-over")?.addEventListener("click", () => {
  const changes = [];
  for (const column of table.columns.filter((one) => one.kind === "final" && one.column.writable)) {
    for (const student of state.students) {
      const field = finalField(column, student), proposed = journal.proposed(student, column.column);
      if (proposed !== null && !journal.value(field)) changes.push([field, String(proposed), { reason: "" }]);
    }
  }
  journal.edit(changes);
  tell(count("taken over", changes.length));
});

function arrange() {
  closePalette();
  page.classList.toggle("on-phone", isPhone.matches);
  if (isPhone.matches) phone.draw();
}
isPhone.addEventListener("change", arrange);

// What is on the screen first: the state the page brought; then what an earlier visit left in this browser.
journal.paint(null);
arrange();
table.showToday(!isPhone.matches && document.activeElement === document.body);
page.classList.add("ready");
performance.mark("journal ready");
addEventListener("online", () => sender.kick(0));
addEventListener("offline", () => status.show());
store.all().then((kept) => {
  queue.load(kept);
  for (const work of state.works) if (queue.edits.some((edit) => edit.field.startsWith(`m/L${work.lesson}/`))) journal.name(work.lesson, work.id);
  if (queue.edits.length) { journal.paint(null); sender.kick(0); }
  conflicts.show();
  status.ready = true;
  status.show();
  if (kept.some((edit) => edit.assignment !== state.assignment)) sendLeftover(state.person, state.assignment);
});
