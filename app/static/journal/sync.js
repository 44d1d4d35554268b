// To the server and back: sends the queue, and asks every few seconds what others changed.

import { bodyOf } from "./queue.js";

const DEBOUNCE = 150, LONGEST_WAIT = 10_000, POLL = 7_000, PATIENCE = 20_000;

export class Connection {
  constructor(url, person) {
    Object.assign(this, { url, person });
    this.token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  }

  /** Ask; throws only when there is no answer. */
  async ask(path, options = {}) {
    const answer = await fetch(this.url + path, {
      credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...options,
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest", ...options.headers },
    });
    this.token = answer.headers.get("X-CSRFToken") || this.token;
    return answer;
  }

  /** Whether the person whose edits these are is still the one who is signed in here. */
  async isMine(answer) {
    return !answer.ok || (await answer.clone().json()).person === this.person;
  }

  /** Send JSON; a token that ran out is renewed once. Gives {status, data}. */
  async send(path, data, term = "") {
    for (let again = true; ; again = false) {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": this.token };
      const answer = await this.ask(path, { method: "POST", headers, body: JSON.stringify(data) });
      const said = await answer.json().catch(() => ({}));
      if (!(again && answer.status === 400 && said.error === "form_expired")) return { status: answer.status, data: said };
      const state = await this.ask(`state${term}`);
      if (state.status === 401 || !(await this.isMine(state))) return { status: 401, data: {} };
    }
  }
}

/** `heard(settled)` gets what was answered, `changed()` is told when something to say about saving changed. */
export class Sender {
  constructor(connection, queue, { heard, changed = () => {}, term = "" }) {
    Object.assign(this, { connection, queue, heard, changed, term });
    this.trouble = ""; // "" | "offline" | "signed out" | "closed"
    this.why = ""; // of "offline": what the server says of itself, "unavailable" or "no_room"
    this.wait = 0;
    this.running = null;
  }

  kick(delay = DEBOUNCE) {
    if (this.trouble === "offline" && delay === DEBOUNCE) return; // the retry is on its way
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), delay);
  }

  run() {
    this.running ??= this.go().finally(() => { this.running = null; this.changed(); });
    return this.running;
  }

  async go() {
    let size;
    for (let batch; (batch = this.queue.batch(size)).length; ) {
      this.changed();
      const edits = batch.map((edit) => ({ key: edit.key, ...bodyOf(edit), version: edit.version }));
      let answer;
      try {
        answer = await this.connection.send("edits", { edits }, this.term);
      } catch {
        answer = { status: 0 };
      }
      if (answer.status === 200 && answer.data.results) {
        this.trouble = "";
        this.wait = 0;
        this.heard(this.queue.settle(batch, answer.data.results));
      } else if (answer.status === 401) {
        this.trouble = "signed out";
        return;
      } else if (answer.status === 403 || answer.status === 404) {
        this.trouble = "closed";
        return;
      } else if ([400, 413, 422].includes(answer.status)) { // one of them is not understood: it must not hold the others
        if (batch.length === 1) this.heard(this.queue.settle(batch, [{ key: batch[0].key, status: "refused", message: answer.data.message }]));
        size = 1;
      } else {
        this.trouble = "offline";
        this.why = answer.status === 503 ? answer.data.error : "";
        this.wait = Math.min(LONGEST_WAIT, this.wait * 2 || 1_000);
        this.kick(this.wait);
        return;
      }
    }
    if (this.trouble === "offline") this.trouble = "";
  }
}

/** Calls `merge(data, since)` with each newer state while the page is looked at. */
export class Poll {
  constructor(connection, sender, { term, tick, merge }) {
    Object.assign(this, { connection, sender, term, tick, merge, etag: null });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.now(); });
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), POLL);
  }

  async now() {
    clearTimeout(this.timer);
    if (!document.hidden && !this.asking) {
      this.asking = true;
      try { await this.once(); } catch { this.lost(); }
      this.asking = false;
    }
    this.plan();
  }

  lost(why = "") {
    if (this.sender.trouble) return;
    Object.assign(this.sender, { trouble: "offline", why });
    this.sender.changed();
  }

  async once() {
    const since = this.tick();
    const answer = await this.connection.ask(`state${this.term}`, { headers: this.etag ? { "If-None-Match": this.etag } : {} });
    if (answer.status >= 500) return this.lost(answer.status === 503 ? (await answer.json().catch(() => ({}))).error : "");
    const stranger = answer.status === 401 || !(await this.connection.isMine(answer));
    if (stranger) this.sender.trouble = "signed out";
    else if (answer.status === 403 || answer.status === 404) this.sender.trouble = "closed";
    else if (answer.ok || answer.status === 304) this.sender.trouble = "";
    this.sender.changed();
    if (stranger) return;
    if (answer.ok || answer.status === 304) this.sender.kick(0);
    if (!answer.ok) return;
    const data = await answer.json();
    this.etag = answer.headers.get("ETag");
    this.merge(data, since);
  }
}
