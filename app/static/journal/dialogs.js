// Small questions over the page. Each gives what was answered, or null when it was put away.

import { escape, say, sayDay, sayMoment } from "./words.js";

let home = () => null;
/** Where the focus goes when what had it before a question is gone. */
export const setHome = (find) => { home = find; };

/** Show a form; gives {button, data} of the button that ended it, null for Escape and «Cancel». */
export function ask(heading, html, buttons, { ready, wide } = {}) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = `journal-dialog${wide ? " wide" : ""}`;
  dialog.setAttribute("aria-label", heading);
  const button = ([value, text, look = "quiet"]) => `<button class="button ${look}" value="${value}">${escape(text)}</button>`;
  dialog.innerHTML = `<form method="dialog"><h2>${escape(heading)}</h2>${html}
    <div class="dialog-actions">${buttons.map(button).join("")}</div></form>`;
  document.body.append(dialog);
  const form = dialog.querySelector("form");
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(dialog.querySelector(".dialog-actions button"));
  });
  dialog.showModal();
  ready?.(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const button = dialog.returnValue, data = Object.fromEntries(new FormData(form));
      dialog.remove();
      (before?.isConnected ? before : home())?.focus({ preventScroll: true });
      resolve(button && button !== "cancel" ? { button, data } : null);
    });
  });
}

export const CANCEL = () => ["cancel", say("cancel")];
export const SAVE = () => ["save", say("save"), ""];

const field = (name, label, control) => `<label class="field"><span>${escape(say(label))}</span>${control.replace("NAME", `name="${name}"`)}</label>`;
const area = (name, label, value, length) =>
  field(name, label, `<textarea NAME rows="2" maxlength="${length}">${escape(value)}</textarea>`);
const option = (value, text, isChosen) => `<option value="${escape(value)}"${isChosen ? " selected" : ""}>${escape(text)}</option>`;
const options = (all, chosen) => all.map(([value, text]) => option(value, text, String(value) === String(chosen))).join("");

/** A sentence and two answers. */
export async function confirm(heading, text, yes) {
  return (await ask(heading, `<p>${escape(text)}</p>`, [["yes", yes, "danger"], CANCEL()])) !== null;
}

/** Why a final mark is not the proposed one; null: given up. */
export async function askReason(student, value, proposed) {
  const html = `<p>${escape(say("reason for", { name: student.name, value, proposed }))}</p>${field("reason", "reason", `<input NAME maxlength="200" required autofocus>`)}`;
  const said = await ask(say("reason heading"), html, [SAVE(), CANCEL()]);
  return said?.data.reason.trim() || null;
}

const rollCall = (isTaken, writable) =>
  `<p class="roll-call"><label><input type="checkbox" name="roll"${isTaken ? " checked" : ""}${writable ? "" : " disabled"}> ${escape(say("roll call"))}</label></p>`;

/** Topic and homework of a lesson, and what else can be done with it. */
export function askLesson({ lesson, heading, topic, homework, isTaken, works, writable, typed, links }) {
  const closed = writable ? "" : " readonly";
  const plan = lesson.planned && writable ? `<button type="button" class="link plan">${escape(say("from the plan", { topic: lesson.planned }))} <kbd>↓</kbd></button>` : "";
  const list = works.map(([id, name]) => `<button class="button quiet small" value="work:${id}">${escape(name)}</button>`).join("");
  const html = `
    ${lesson.cancelled ? `<p class="notice warning">${escape(say("cancelled", lesson))}</p>` : ""}
    ${field("topic", "topic", `<input NAME maxlength="300" autocomplete="off" value="${escape(typed ?? topic)}"${closed} autofocus>`)}${plan}
    ${field("homework", "homework", `<textarea NAME rows="3" maxlength="10000"${closed}>${escape(homework)}</textarea>`)}
    ${isTaken === null ? "" : rollCall(isTaken, writable)}
    <p class="lesson-works">${list}${writable && lesson.marks ? `<button class="button quiet small" value="add">${escape(say("add a work"))}</button>` : ""}</p>
    <p class="lesson-links"><a href="${escape(links.card)}">${escape(say("lesson card"))}</a> <button class="link" value="history">${escape(say("history"))}</button></p>`;
  const buttons = writable ? [SAVE(), CANCEL()] : [["cancel", say("close")]];
  return ask(heading, html, buttons, {
    ready(dialog) {
      const input = dialog.querySelector("[name=topic]");
      input.focus();
      input.setSelectionRange(input.value.length, input.value.length);
      const accept = () => { input.value = lesson.planned; input.focus(); };
      dialog.querySelector(".plan")?.addEventListener("click", accept);
      input.addEventListener("keydown", (event) => {
        if (event.key === "ArrowDown" && plan) { event.preventDefault(); accept(); }
        if (event.key === "Enter") { event.preventDefault(); input.form.requestSubmit(dialog.querySelector(".dialog-actions button")); }
      });
    },
  });
}

/** Kind, weight, title of a work; of one that is there also its lesson, and deleting it. */
export function askWork({ work, kinds, lessons }) {
  const html = `
    ${field("kind", "kind", `<select NAME autofocus>${options(kinds.map((kind) => [kind.id, kind.name]), work.kind)}</select>`)}
    ${field("weight", "weight", `<input NAME type="number" min="1" max="10" required value="${escape(work.weight)}">`)}
    ${field("title", "work title", `<input NAME maxlength="120" value="${escape(work.title)}">`)}
    ${work.id ? field("lesson", "lesson", `<select NAME>${options(lessons.map((lesson) => [lesson.id, `${sayDay(lesson.date)}, ${lesson.number}`]), work.lesson)}</select>`) : ""}`;
  const buttons = [SAVE(), CANCEL(), ...(work.id ? [["delete", say("delete the work"), "danger"]] : [])];
  return ask(say(work.id ? "work" : "add a work"), html, buttons, {
    ready(dialog) {
      const [kind, weight] = [dialog.querySelector("[name=kind]"), dialog.querySelector("[name=weight]")];
      kind.addEventListener("change", () => { weight.value = kinds.find((known) => known.id === kind.value).weight; });
    },
  });
}

/** Comments of a mark, and the history of the cell below; `history` is a promise of changes. */
export function askComment({ heading, said, writable, hasMark, history }) {
  const fields = hasMark
    ? area("comment", "comment", said.comment, 500) + area("note", "note", said.note, 500)
    : `<p class="muted">${escape(say("no mark to comment"))}</p>`;
  const html = `<fieldset${writable ? "" : " disabled"}>${fields}</fieldset><h3>${escape(say("history"))}</h3><div class="history" aria-live="polite">…</div>`;
  const buttons = writable && hasMark ? [SAVE(), CANCEL()] : [["cancel", say("close")]];
  return ask(heading, html, buttons, {
    ready(dialog) {
      dialog.querySelector("textarea")?.focus();
      showHistory(dialog.querySelector(".history"), history);
    },
  });
}

export const showLessonHistory = (heading, history) => ask(heading, `<div class="history" aria-live="polite">…</div>`, [["cancel", say("close")]], {
  ready: (dialog) => showHistory(dialog.querySelector(".history"), history),
});

async function showHistory(place, history) {
  const changes = await history.catch(() => null);
  if (!changes?.length) { place.textContent = say(changes ? "no history" : "history offline"); return; }
  const line = ({ at, by, what, old, new: now }) => `<li><span class="when">${escape(sayMoment(at))}</span>
    ${escape(by)}: ${escape(what ?? "")} <b>${escape(old || "—")} → ${escape(now || "—")}</b></li>`;
  place.innerHTML = `<ul>${changes.map(line).join("")}</ul>`;
}

export function askNewLesson(today) {
  const html = `
    ${field("date", "date", `<input NAME type="date" required value="${escape(today)}" autofocus>`)}
    ${field("number", "lesson number", `<input NAME type="number" min="0" max="14" required value="1">`)}
    ${field("room", "the room", `<input NAME maxlength="20">`)}`;
  return ask(say("add a lesson"), html, [SAVE(), CANCEL()]);
}

/** What was not accepted; a click on one goes there. */
export function askProblems(problems) {
  const line = ([field_, where, why]) => `<li><button class="link" value="${escape(field_)}">${escape(where)}</button> ${escape(why)}</li>`;
  const list = problems.map(line).join("");
  return ask(say("problems"), `<ul class="problems">${list}</ul>`, [["dismiss", say("seen"), ""], ["cancel", say("close")]], { wide: true });
}

export const showHelp = () => ask(say("help"), `<ul class="keys-help">${say("help text").split("\n").map((line) => {
  const [keys, ...rest] = line.split(" — ");
  return `<li><kbd>${escape(keys)}</kbd><span>${escape(rest.join(" — "))}</span></li>`;
}).join("")}</ul>`, [["cancel", say("close")]], { wide: true });
