// The table on a desk: drawn once, then each cell by itself; where the focus and the chosen block are.

import { columnsOf, fieldsOf, finalField, isWritable, letterField, markField } from "./columns.js";
import { average } from "./figures.js";
import { escape, say, sayAverage, sayDay, sayMonth, sayWeekday } from "./words.js";

const HEAD = -1; // the row of the lessons' heads

export class Table {
  /** `onMove()` is called when another cell has the focus. */
  constructor(root, journal, onMove) {
    Object.assign(this, { root, journal, onMove, r: 0, c: 0, anchor: null });
    journal.onPaint((fields) => (fields ? this.paint(fields) : this.draw()));
  }

  draw() {
    const { state } = this.journal;
    const held = this.columns?.[this.c], scroll = this.root.scrollLeft, had = this.root.contains(document.activeElement);
    this.columns = columnsOf(state);
    this.byThing = new Map();
    this.columns.forEach((column, c) => this.index(column, c));
    this.rowOf = new Map(state.students.map((student, r) => [student.id, r]));
    this.root.innerHTML = `<table role="grid" aria-label="${escape(document.querySelector("h1").textContent)}" class="${state.term === null ? "year" : "term"}${this.columns.some((column) => column.kind === "final") ? "" : " no-finals"}">
      ${this.heads()}<tbody>${state.students.map((student, r) => this.row(student, r)).join("")}</tbody>${this.foot()}</table>`;
    this.body = this.root.querySelector("tbody");
    this.heads_ = this.root.querySelector(".lessons");
    if (held) this.c = Math.max(0, this.columns.findIndex((column) => sameColumn(column, held)));
    this.r = Math.min(this.r, state.students.length - 1);
    this.anchor = null;
    this.root.scrollLeft = scroll;
    this.mark(this.cell(), had);
  }

  index(column, c) {
    if (column.kind === "final") this.byThing.set(`f/${column.column.id}`, c);
    if (column.kind !== "lesson") return;
    this.byThing.set(markField(column, {}).split("/", 2).join("/"), c);
    if (column.first) this.byThing.set(`a/${column.lesson.id}`, c).set(`l/${column.lesson.id}`, c);
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

  /** Draw the cells of these fields again, and the figures they count in. */
  paint(fields) {
    const students = new Set(), columns = new Set();
    for (const field of fields) {
      const [kind, thing, student] = field.split("/");
      const c = this.byThing.get(`${{ c: "m", t: "l", h: "l" }[kind] ?? kind}/${thing}`);
      if (c === undefined) continue;
      if (kind === "t" || kind === "h") { this.paintHead(c); continue; }
      const r = this.rowOf.get(+student);
      if (r === undefined) continue;
      this.paintCell(r, c);
      students.add(r);
      columns.add(c);
    }
    for (const r of students) this.columns.forEach((column, c) => column.figure && this.paintCell(r, c));
    for (const c of columns) this.paintFoot(c);
  }

  paintCell(r, c) {
    const td = this.body.rows[r].cells[c + 1], column = this.columns[c], student = this.journal.state.students[r];
    const passing = ["in-block", "flash", "kept"].filter((name) => td.classList.contains(name));
    td.className = [this.cellClass(column, student), ...passing].join(" ");
    const text = this.text(column, student);
    if (td.innerHTML !== String(text)) td.innerHTML = text;
    const late = this.cellTitle(column, student);
    if (late) td.title = say("late"); else td.removeAttribute("title");
  }

  paintHead(c) {
    const th = this.heads_.querySelector(`[data-c="${c}"]`), { lesson } = this.columns[c];
    th.className = this.headClass(lesson);
    th.title = this.headTitle(lesson);
  }

  paintFoot(c) {
    if (!this.root.querySelector("tfoot")) return;
    const { average: figure, number } = this.statistic(this.columns[c]);
    this.root.querySelector("tfoot .average").cells[c + 1].textContent = figure;
    this.root.querySelector("tfoot .number").cells[c + 1].textContent = number;
  }

  /** A lesson without works got one: its column is that work's now. */
  nameWork(work) {
    const c = this.byThing.get(`m/L${work.lesson}`);
    if (c === undefined) return;
    this.columns[c].work = work;
    this.byThing.delete(`m/L${work.lesson}`);
    this.index(this.columns[c], c);
    this.root.querySelector(`.works [data-work="${c}"]`).innerHTML = this.workHead(this.columns[c]);
  }

  /** Show softly what has just happened to cells: "flash", somebody else changed them; "kept", they are saved. */
  flash(fields, name = "flash") {
    for (const field of fields) {
      const [kind, thing, student] = field.split("/");
      const c = this.byThing.get(`${kind}/${thing}`), r = this.rowOf.get(+student);
      const cell = c === undefined ? null : kind === "l" ? this.heads_.querySelector(`[data-c="${c}"]`) : this.body.rows[r]?.cells[c + 1];
      if (!cell) continue;
      cell.classList.add(name);
      cell.addEventListener("animationend", () => cell.classList.remove(name), { once: true });
    }
  }

  cell(r = this.r, c = this.c) {
    if (r === HEAD) return this.heads_.querySelector(`[data-c="${this.headColumn(c)}"]`);
    return this.body.rows[r]?.cells[c + 1] ?? null;
  }

  headColumn(c) {
    while (c > 0 && !this.columns[c].first) c--;
    return c;
  }

  get column() { return this.columns[this.c]; }
  get student() { return this.journal.state.students[this.r]; }
  get atHead() { return this.r === HEAD; }

  /** Put the focus on a cell; `extend` keeps the other corner of the block. */
  go(r, c, { extend = false } = {}) {
    const last = this.journal.state.students.length - 1;
    if (!this.columns.length || last < 0) return;
    c = Math.max(0, Math.min(c, this.columns.length - 1));
    const lowest = this.columns[c].kind === "lesson" && !extend ? HEAD : 0;
    const from = extend ? this.anchor ?? [this.r, this.c] : null;
    [this.r, this.c] = [Math.max(lowest, Math.min(r, last)), c];
    if (this.atHead) this.c = this.headColumn(c);
    this.anchor = from;
    this.mark(this.cell(), true);
    this.choose();
    this.onMove();
  }

  /** One step; figures are passed over. */
  step(down, right, options) {
    let c = this.c + right;
    if (this.atHead && right > 0) while (this.columns[c] && !this.columns[c].figure && !this.columns[c].first && this.columns[c].kind === "lesson") c++;
    while (this.columns[c]?.figure) c += right;
    if (!this.columns[c]) return false;
    this.go(this.r + down, c, options);
    return true;
  }

  /** On to the next cell of this direction in which the person may write. */
  advance(down, right) {
    const { students } = this.journal.state;
    let r = this.r + down, c = this.c + right;
    while (students[r] && this.columns[c] && !isWritable(this.journal, this.columns[c], students[r])) { r += down; c += right; }
    if (students[r] && this.columns[c]) this.go(r, c);
    else this.go(this.r, this.c);
  }

  mark(cell, focus) {
    if (this.marked && this.marked !== cell) {
      this.marked.removeAttribute("tabindex");
      this.marked.parentElement.classList.remove("here");
    }
    this.marked = cell;
    if (!cell) return;
    cell.parentElement.classList.add("here");
    cell.tabIndex = 0;
    if (!focus) return;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Rows and columns of the block: [top, bottom, left, right]. */
  block() {
    const [r, c] = this.anchor ?? [this.r, this.c];
    return [Math.max(0, Math.min(r, this.r)), Math.max(r, this.r), Math.min(c, this.c), Math.max(c, this.c)];
  }

  choose() {
    for (const td of this.root.querySelectorAll(".in-block")) { td.classList.remove("in-block"); td.removeAttribute("aria-selected"); }
    if (!this.anchor) return;
    const [top, bottom, left, right] = this.block();
    for (let r = top; r <= bottom; r++) {
      for (let c = left; c <= right; c++) { const td = this.cell(r, c); td.classList.add("in-block"); td.ariaSelected = "true"; }
    }
  }

  /** Today's lesson, or the last one before, comes into view; the first student's cell there is where typing begins. */
  showToday(focus) {
    const { today } = this.journal.state;
    const held = this.columns.map((column, c) => [column, c]).filter(([column]) => column.first && column.lesson.date <= today && !column.lesson.cancelled);
    const c = held.length ? held.at(-1)[1] : 0;
    const cell = this.cell(0, c);
    if (!cell) return;
    this.root.scrollLeft = cell.offsetLeft - this.root.clientWidth * 0.6;
    this.r = 0;
    this.c = c;
    if (focus) this.go(0, c); else this.mark(cell, false);
  }

  /** Where a field is, for going there. */
  place(field) {
    const [kind, thing, student] = field.split("/");
    const c = this.byThing.get(`${{ c: "m", t: "l", h: "l" }[kind] ?? kind}/${thing}`);
    return c === undefined ? null : [student ? this.rowOf.get(+student) ?? 0 : HEAD, c];
  }
}

const headText = (lesson) => `<b>${+lesson.date.slice(8)}</b><span>${escape(sayWeekday(lesson.date))}</span>`;
const sameColumn = (one, other) => one.kind === other.kind && one.lesson?.id === other.lesson?.id
  && (one.work?.id ?? null) === (other.work?.id ?? null) && one.column?.id === other.column?.id;
/** What is said of a cell: who, when, what. */
export const sayLesson = (lesson) => [sayDay(lesson.date), say("nth lesson", lesson), lesson.room && say("room", lesson)].filter(Boolean).join(" · ");
