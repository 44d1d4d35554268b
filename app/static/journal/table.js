// The table on a desk: drawn once, then each cell by itself; where the focus and the chosen block of cells are.

import { columnsOf, isWritable, markField } from "./columns.js";
import { Sheet } from "./sheet.js";
import { say } from "./words.js";

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
    this.sheet = new Sheet(this.journal, this.columns);
    this.root.innerHTML = this.sheet.html(document.querySelector("h1").textContent);
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

  /** Draw the cells of these fields again, and the figures they count in. */
  paint(fields) {
    const students = new Set(), columns = new Set();
    for (const field of fields) {
      const [kind, thing, student] = field.split("/");
      const c = this.byThing.get(`${{ c: "m", t: "l", h: "l", r: "l" }[kind] ?? kind}/${thing}`);
      if (c === undefined) continue;
      if ("thr".includes(kind)) { this.paintHead(c); continue; }
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
    td.className = [this.sheet.cellClass(column, student), ...passing].join(" ");
    const text = this.sheet.text(column, student);
    if (td.innerHTML !== String(text)) td.innerHTML = text;
    const late = this.sheet.cellTitle(column, student);
    if (late) td.title = say("late"); else td.removeAttribute("title");
  }

  paintHead(c) {
    const th = this.heads_.querySelector(`[data-c="${c}"]`), { lesson } = this.columns[c];
    th.className = this.sheet.headClass(lesson);
    th.title = this.sheet.headTitle(lesson);
  }

  paintFoot(c) {
    if (!this.root.querySelector("tfoot")) return;
    const { average: figure, number } = this.sheet.statistic(this.columns[c]);
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
    this.root.querySelector(`.works [data-work="${c}"]`).innerHTML = this.sheet.workHead(this.columns[c]);
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

const sameColumn = (one, other) => one.kind === other.kind && one.lesson?.id === other.lesson?.id
  && (one.work?.id ?? null) === (other.work?.id ?? null) && one.column?.id === other.column?.id;
