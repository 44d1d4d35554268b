// What stands in the table: its heads, cells and statistics as HTML, and what each cell looks like.

import { fieldsOf, finalField, isWritable, letterField, markField } from "./columns.js";
import { average } from "./figures.js";
import { escape, say, sayAverage, sayDay, sayMonth, sayWeekday } from "./words.js";

/** What is said of a cell: who, when, what. */
export const sayLesson = (lesson) => [sayDay(lesson.date), say("nth lesson", lesson), lesson.room && say("room", lesson)].filter(Boolean).join(" · ");

export class Sheet {
  constructor(journal, columns) { Object.assign(this, { journal, columns }); }

  html(name) {
    const { students, term } = this.journal.state;
    const kind = `${term === null ? "year" : "term"}${this.columns.some((column) => column.kind === "final") ? "" : " no-finals"}`;
    return `<table role="grid" aria-label="${escape(name)}" class="${kind}">${this.heads()}
      <tbody>${students.map((student, r) => this.row(student, r)).join("")}</tbody>${this.foot()}</table>`;
  }

  heads() {
    const lessons = this.columns.filter((column) => column.kind === "lesson");
    const columns = ["name", ...this.columns.map((column) => column.kind)].map((kind) => `<col class="${kind}">`).join("");
    return `<colgroup>${columns}</colgroup><thead>
      <tr class="months"><th rowspan="3" scope="col" class="name">${escape(say("student"))}</th>${this.months(lessons)}${this.figures()}</tr>
      <tr class="lessons">${lessons.map((column, c) => this.lessonHead(column, c)).join("")}</tr>
      <tr class="works">${lessons.map((column, c) => this.workCell(column, c)).join("")}</tr></thead>`;
  }

  months(columns) {
    const wide = new Map(); // month: its first lesson, and how many columns
    for (const { lesson } of columns) {
      const month = lesson.date.slice(0, 7);
      wide.set(month, [wide.get(month)?.[0] ?? lesson, (wide.get(month)?.[1] ?? 0) + 1]);
    }
    const head = ([lesson, span]) => `<th scope="colgroup" colspan="${span}" class="month"><span>${escape(sayMonth(lesson.date))}</span></th>`;
    return [...wide.values()].map(head).join("");
  }

  figures() {
    return this.columns.filter((column) => column.kind !== "lesson").map((column) => {
      const name = column.kind === "final" ? column.column.name : say(column.kind), title = say(`${column.kind} title`, { name });
      return `<th rowspan="3" scope="col" class="reckoned ${column.kind}" title="${escape(title)}"><span>${escape(name)}</span></th>`;
    }).join("");
  }

  lessonHead({ lesson, first }, c) {
    if (!first) return "";
    const span = this.columns.filter((column) => column.lesson === lesson).length;
    return `<th scope="col${span > 1 ? "group" : ""}" colspan="${span}" data-c="${c}" class="${this.headClass(lesson)}"
      title="${escape(this.headTitle(lesson))}">${headText(lesson)}</th>`;
  }

  workCell(column, c) {
    return `<th scope="col" data-work="${c}" class="work${column.first ? " first" : ""}">${this.workHead(column)}</th>`;
  }

  headClass(lesson) {
    const untold = lesson.date <= this.journal.state.today && !lesson.cancelled && !this.journal.value(`t/${lesson.id}`);
    const names = { today: lesson.date === this.journal.state.today, cancelled: lesson.cancelled, untold, unattended: this.isUnattended(lesson) };
    const status = ["t", "h", "r"].map((kind) => this.journal.status(`${kind}/${lesson.id}`)).find(Boolean);
    return ["lesson", ...Object.keys(names).filter((name) => names[name]), status].filter(Boolean).join(" ");
  }

  /** Held, and nobody has said who was there. */
  isUnattended(lesson) { return lesson.date <= this.journal.state.today && !lesson.cancelled && !this.journal.value(`r/${lesson.id}`); }

  headTitle(lesson) {
    const topic = this.journal.value(`t/${lesson.id}`), homework = this.journal.value(`h/${lesson.id}`);
    return [lesson.cancelled && say("cancelled", lesson), topic || say("no topic"), this.isUnattended(lesson) && say("no roll call"), homework && say("homework is", { homework }),
      lesson.late && say("homework late"), lesson.substitute && say("substitute", lesson)].filter(Boolean).join("\n");
  }

  workHead({ work }) {
    if (!work) return `<span class="sr-only">${escape(say("no work"))}</span>`;
    const kind = this.journal.state.kindById.get(work.kind)?.name ?? work.kind;
    const weight = work.weight > 1 ? `<b>${work.weight}</b>` : "", short = (work.title || kind).slice(0, 3).toLowerCase();
    const title = [work.title || kind, work.title && kind, say("weight is", work)].filter(Boolean).join(" · ");
    return `<span title="${escape(title)}">${escape(short)}${weight}</span>`;
  }

  row(student, r) {
    const left = student.until && student.until < this.journal.state.today;
    const cell = (column) => {
      const fixed = isWritable(this.journal, column, student) ? "" : " aria-readonly='true'";
      return `<td class="${this.cellClass(column, student)}"${this.cellTitle(column, student)}${fixed}>${this.text(column, student)}</td>`;
    };
    const name = `<th scope="row" class="name" title="${escape(student.name)}"><i>${r + 1}</i>${escape(student.name)}</th>`;
    return `<tr${left ? " class='left'" : ""}>${name}${this.columns.map(cell).join("")}</tr>`;
  }

  foot() {
    if (!this.journal.state.marks || !this.journal.state.whole) return "";
    const cell = (column, name) => `<td class="${column.kind}">${this.statistic(column)[name]}</td>`;
    const head = (name) => `<th scope="row" class="name">${escape(say(`column ${name}`))}</th>`;
    const line = (name) => `<tr class="${name}">${head(name)}${this.columns.map((column) => cell(column, name)).join("")}</tr>`;
    return `<tfoot>${line("average")}${line("number")}</tfoot>`;
  }

  /** Average and number of the marks in a column. */
  statistic(column) {
    if (column.figure || !this.journal.state.whole) return { average: "", number: "" };
    const field = column.kind === "final" ? finalField : markField;
    const values = this.journal.state.students.map((student) => this.journal.value(field(column, student)));
    const marks = values.filter((value) => /^[1-5]$/.test(value));
    const figure = average(marks.map((value) => [+value, 1]));
    return { average: figure === null ? "" : sayAverage(figure).slice(0, 3), number: marks.length || "" };
  }

  text(column, student) {
    const { journal } = this;
    if (column.kind === "final") return escape(journal.value(finalField(column, student)));
    if (column.kind === "proposed") return journal.proposed(student, column.column) ?? "";
    if (column.kind === "absences") return journal.figures(student).absences || "";
    if (column.figure) return sayAverage(journal.figures(student)[column.kind]);
    const letter = column.first ? journal.value(letterField(column, student)) : "";
    return escape(journal.value(markField(column, student))) + (letter ? `<i>${escape(letter)}</i>` : "");
  }

  cellClass(column, student) {
    const { journal } = this;
    if (column.figure) return `reckoned ${column.kind}`;
    const names = [column.kind];
    for (const field of fieldsOf(column, student)) names.push(journal.status(field));
    if (column.kind === "lesson") {
      const row = journal.state.rows.get(markField(column, student));
      const value = journal.value(markField(column, student));
      if (column.first) names.push("first");
      if (column.lesson.date === journal.state.today) names.push("today");
      if (column.lesson.cancelled) names.push("cancelled");
      if (journal.outside(student, column.lesson)) names.push("outside");
      if (value === "2" || value === "1") names.push("poor");
      if (value && row?.late) names.push("late");
      if (column.work) {
        const said = journal.value(`c/${column.work.id}/${student.id}`);
        if (value && (said.comment || said.note)) names.push("said");
        names.push(journal.status(`c/${column.work.id}/${student.id}`));
      }
    }
    if (!isWritable(journal, column, student)) names.push("fixed");
    return [...new Set(names)].filter(Boolean).join(" ");
  }

  cellTitle(column, student) {
    if (column.kind !== "lesson") return "";
    const row = this.journal.state.rows.get(markField(column, student));
    return row?.value && row.late ? ` title="${escape(say("late"))}"` : "";
  }
}

const headText = (lesson) => `<b>${+lesson.date.slice(8)}</b><span>${escape(sayWeekday(lesson.date))}</span>`;
