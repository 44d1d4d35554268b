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
    let months = "", lessons = "", works = "", columns = "<col class='name'>";
    const { state } = this.journal;
    for (let c = 0; c < this.columns.length; c++) {
      const column = this.columns[c];
      columns += `<col class="${column.kind}">`;
      if (column.kind !== "lesson") {
        const name = column.kind === "final" ? column.column.name : say(column.kind);
        lessons += `<th rowspan="3" scope="col" class="reckoned ${column.kind}" title="${escape(say(`${column.kind} title`, { name }))}"><span>${escape(name)}</span></th>`;
        continue;
      }
      const month = column.lesson.date.slice(0, 7);
      if (column.first) {
        const span = state.marks && column.lesson.marks ? Math.max(1, state.worksOf(column.lesson.id).length) : 1;
        if (!c || this.columns[c - 1].lesson.date.slice(0, 7) !== month) {
          const wide = this.columns.filter((other) => other.lesson?.date.slice(0, 7) === month).length;
          months += `<th scope="colgroup" colspan="${wide}" class="month"><span>${escape(sayMonth(column.lesson.date))}</span></th>`;
        }
        lessons += `<th scope="col${span > 1 ? "group" : ""}" colspan="${span}" data-c="${c}" class="${this.headClass(column.lesson)}"
          title="${escape(this.headTitle(column.lesson))}">${headText(column.lesson)}</th>`;
      }
      works += `<th scope="col" data-work="${c}" class="work${column.first ? " first" : ""}">${this.workHead(column)}</th>`;
    }
    const name = `<th rowspan="3" scope="col" class="name">${escape(say("student"))}</th>`;
    const right = lessons.indexOf('<th rowspan="3"');
    const [own, figures] = right < 0 ? [lessons, ""] : [lessons.slice(0, right), lessons.slice(right)];
    return `<colgroup>${columns}</colgroup><thead><tr class="months">${name}${months}${figures}</tr>
      <tr class="lessons">${own}</tr><tr class="works">${works}</tr></thead>`;
  }

  headClass(lesson) {
    const untold = lesson.date <= this.journal.state.today && !lesson.cancelled && !this.journal.value(`t/${lesson.id}`);
    const names = { today: lesson.date === this.journal.state.today, cancelled: lesson.cancelled, untold };
    const status = this.journal.status(`t/${lesson.id}`) || this.journal.status(`h/${lesson.id}`);
    return ["lesson", ...Object.keys(names).filter((name) => names[name]), status].filter(Boolean).join(" ");
  }

  headTitle(lesson) {
    const topic = this.journal.value(`t/${lesson.id}`), homework = this.journal.value(`h/${lesson.id}`);
    return [lesson.cancelled && say("cancelled", lesson), topic || say("no topic"), homework && say("homework is", { homework }),
      lesson.late && say("homework late"), lesson.substitute && say("substitute", lesson)].filter(Boolean).join("\n");
  }

  workHead({ work }) {
    if (!work) return "";
    const kind = this.journal.state.kindById.get(work.kind)?.name ?? work.kind;
    const weight = work.weight > 1 ? `<b>${work.weight}</b>` : "", short = (work.title || kind).slice(0, 3).toLowerCase();
    return `<span title="${escape([work.title || kind, work.title && kind, say("weight is", work)].filter(Boolean).join(" · "))}">${escape(short)}${weight}</span>`;
  }

  row(student, r) {
    const left = student.until && student.until < this.journal.state.today;
    const cells = this.columns.map((column) => `<td class="${this.cellClass(column, student)}"${this.cellTitle(column, student)}${isWritable(this.journal, column, student) ? "" : " aria-readonly='true'"}>${this.text(column, student)}</td>`);
    return `<tr${left ? " class='left'" : ""}><th scope="row" class="name" title="${escape(student.name)}"><i>${r + 1}</i>${escape(student.name)}</th>${cells.join("")}</tr>`;
  }

  foot() {
    if (!this.journal.state.marks || !this.journal.state.whole) return "";
    const line = (name) => `<tr class="${name}"><th scope="row" class="name">${escape(say(`column ${name}`))}</th>${this.columns.map((column) => `<td class="${column.kind}">${this.statistic(column)[name]}</td>`).join("")}</tr>`;
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
