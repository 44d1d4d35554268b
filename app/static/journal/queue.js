// The edits of one journal on their way to the server: in order, once each, one at a time for a row.

import { rowOf } from "./state.js";

const BATCH = 100;

/** A key that no other edit has; works without https too, where crypto.randomUUID is missing. */
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Queue {
  /** `versionOf(row)` is the version the person sees. */
  constructor(store, assignment, versionOf) {
    Object.assign(this, { store, assignment, versionOf, edits: [], newest: new Map(), at: 0 });
  }

  /** Take up what an earlier visit left. What was left may have been sent, so it is never changed, only followed. */
  load(kept) {
    for (const edit of kept) {
      if (edit.assignment !== this.assignment) continue;
      edit.sent = true;
      this.edits.push(edit);
      this.at = Math.max(this.at, edit.at);
    }
    this.index();
  }

  index() {
    this.newest.clear();
    for (const edit of this.edits) this.newest.set(edit.field, edit);
  }

  /** The newest edit of a field that is not saved: its state is waiting, conflict or refused. */
  of(field) { return this.newest.get(field); }
  waiting() { return this.edits.filter((edit) => edit.state === "waiting"); }
  inState(state) { return this.edits.filter((edit) => edit.state === state); }
  /** How many edits only this browser has. */
  get unsaved() { return this.edits.reduce((sum, edit) => sum + (edit.state !== "refused"), 0); }

  /** Queue [field, value, extra] changes as one write; extra goes with the edit (the reason of a final mark). */
  add(changes) {
    const put = [], gone = [];
    for (const [field, value, extra = {}] of changes) {
      const last = this.of(field);
      if (last?.state === "refused") { this.drop(last); gone.push(last.key); }
      const row = rowOf(field);
      if (last && (last.state === "conflict" || (last.state === "waiting" && !last.sent))) {
        Object.assign(last, { value, extra });
        if (value === "" && field.startsWith("m/L") && last.state === "waiting") { this.drop(last); gone.push(last.key); }
        else put.push(last);
        continue;
      }
      const follows = this.edits.some((edit) => edit.row === row && edit.state !== "refused");
      const edit = {
        key: newKey(), assignment: this.assignment, field, row, value, extra, state: "waiting", sent: false,
        version: follows ? null : this.versionOf(row), at: (this.at = Math.max(this.at + 0.001, Date.now())),
      };
      this.edits.push(edit);
      this.newest.set(field, edit);
      put.push(edit);
    }
    return this.store.write(put, gone);
  }

  /** What goes next: no two of one row, none behind a conflict. Marks them as sent. */
  batch(size = BATCH) {
    const held = new Set(), taken = new Set(), batch = [];
    for (const edit of this.edits) {
      if (edit.state === "conflict") held.add(edit.row);
      if (edit.state !== "waiting" || held.has(edit.row)) continue;
      if (taken.has(edit.row) || batch.length === size) break;
      taken.add(edit.row);
      edit.version ??= this.versionOf(edit.row);
      batch.push(edit);
    }
    for (const edit of batch) edit.sent = true;
    return batch;
  }

  /** Note the server's answers; gives [edit, result] pairs. */
  settle(batch, results) {
    const byKey = new Map(results.map((result) => [result.key, result]));
    const put = new Set(), gone = [], settled = [];
    for (const edit of batch) {
      const result = byKey.get(edit.key);
      if (!result || !this.edits.includes(edit)) continue;
      settled.push([edit, result]);
      if (result.status === "saved" && isOther(edit, result) && !edit.again) {
        gone.push(edit.key); // another tab sent it under this key before it was changed here
        Object.assign(edit, { key: newKey(), sent: false, again: true, version: result.version });
        put.add(edit);
        continue;
      }
      if (result.status === "saved" || (result.status === "conflict" && same(result.value, edit.value))) {
        this.drop(edit);
        gone.push(edit.key);
      } else if (result.status === "conflict") {
        const { value, version, by, at } = result;
        Object.assign(edit, { state: "conflict", theirs: { value, version, by, at } });
        for (const later of this.edits.filter((other) => other.field === edit.field && other !== edit)) {
          edit.value = later.value;
          edit.extra = later.extra;
          this.drop(later);
          gone.push(later.key);
        }
        put.add(edit);
      } else {
        Object.assign(edit, { state: "refused", message: result.message });
        put.add(edit);
      }
      if (edit.state !== "conflict") this.follow(edit.row, result.version, put);
    }
    this.index();
    this.store.write([...put].filter((edit) => this.edits.includes(edit)), gone);
    return settled;
  }

  /** The next edit of the row was made on top of the one just settled. */
  follow(row, version, put) {
    const next = this.edits.find((edit) => edit.row === row && edit.state === "waiting");
    if (next && next.version === null) { next.version = version ?? this.versionOf(row); put.add(next); }
  }

  /** End a conflict: send mine again on top of theirs, or let theirs stand. */
  resolve(edit, mine) {
    const old = edit.key, put = new Set();
    if (mine) {
      Object.assign(edit, { key: newKey(), state: "waiting", sent: false, version: edit.theirs.version });
      delete edit.theirs;
      delete edit.body;
      put.add(edit);
    } else {
      this.drop(edit);
      this.follow(edit.row, edit.theirs.version, put);
    }
    this.index();
    return this.store.write([...put], [old]);
  }

  /** Forget refused edits that were read. */
  dismiss(edits) {
    for (const edit of edits) this.drop(edit);
    this.index();
    return this.store.write([], edits.map((edit) => edit.key));
  }

  drop(edit) {
    this.edits.splice(this.edits.indexOf(edit), 1);
    if (this.newest.get(edit.field) === edit) this.newest.delete(edit.field);
  }

  /** The work of a lesson that had none is known: m/L7/… becomes m/2/…. Sent edits keep their words and key. */
  rename(lesson, work) {
    const from = `m/L${lesson}/`, to = `m/${work}/`, put = [];
    for (const edit of this.edits) {
      if (!edit.field.startsWith(from)) continue;
      if (edit.sent) edit.body ??= bodyOf(edit);
      edit.field = edit.field.replace(from, to);
      edit.row = rowOf(edit.field);
      put.push(edit);
    }
    if (put.length) { this.index(); this.store.write(put); }
  }
}

/** Whether the answer is about another value: marks, attendance and final marks come back as they were sent. */
const isOther = (edit, result) => "maf".includes(edit.field[0]) && result.value !== undefined && String(result.value) !== edit.value;

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What an edit says in the words of the protocol, without key and version. */
export function bodyOf(edit) {
  if (edit.body) return edit.body;
  const [kind, thing, student] = edit.field.split("/");
  const value = edit.value;
  switch (kind) {
    case "m": return thing[0] === "L"
      ? { student: +student, lesson: +thing.slice(1), mark: value }
      : { student: +student, work: +thing, value };
    case "c": return { student: +student, work: +thing, ...value };
    case "a": return { student: +student, lesson: +thing, value };
    case "t": return { lesson: +thing, topic: value };
    case "h": return { lesson: +thing, homework: value };
    case "r": return { lesson: +thing, roll: value };
    default: return { student: +student, final: thing, value, reason: "", ...edit.extra };
  }
}
