// Works and lessons: added, changed, moved, deleted and brought back. These need the server at once.

import { askComment, askLesson, askNewLesson, askWork, confirm, showLessonHistory } from "./dialogs.js";
import { say } from "./words.js";
import { sayLesson } from "./sheet.js";

export class Works {
  /** `refresh()` asks for the state and draws; `tell(text, action)` says something that passes. */
  constructor(journal, connection, { refresh, tell, term, cardUrl }) {
    Object.assign(this, { journal, connection, refresh, tell, term, cardUrl });
  }

  /** Send what is typed first, then ask; gives the answer's data, or null after saying what went wrong. */
  async send(path, data, accepted = []) {
    await this.journal.sender.run();
    let answer;
    try {
      answer = await this.connection.send(path, data, this.term);
    } catch {
      answer = { status: 0, data: {} };
    }
    if (answer.status < 300 && answer.status > 0) return answer.data;
    if (accepted.includes(answer.status)) return { ...answer.data, status: answer.status };
    this.tell(answer.data.message || say(answer.status ? "not done" : "needs the network"));
    return null;
  }

  name(work) {
    const kind = this.journal.state.kindById.get(work.kind)?.name ?? work.kind;
    return [work.title || kind, work.weight > 1 ? `×${work.weight}` : ""].filter(Boolean).join(" ");
  }

  async openLesson(lesson, typed) {
    const { state } = this.journal, topic = `t/${lesson.id}`, homework = `h/${lesson.id}`, roll = `r/${lesson.id}`;
    const said = await askLesson({
      lesson, typed, heading: sayLesson(lesson), writable: lesson.writable && !state.locked,
      topic: this.journal.value(topic), homework: this.journal.value(homework),
      isTaken: lesson.cancelled || lesson.date > state.today ? null : Boolean(this.journal.value(roll)),
      works: state.worksOf(lesson.id).map((work) => [work.id, this.name(work)]), links: { card: this.cardUrl(lesson.id) },
    });
    if (!said) return;
    if (lesson.writable && !state.locked) {
      const words = [[topic, said.data.topic.trim()], [homework, said.data.homework.replace(/\r\n/g, "\n").trim()]];
      const held = !lesson.cancelled && lesson.date <= state.today;
      this.journal.edit(held ? [...words, [roll, said.data.roll ? "1" : ""]] : words);
    }
    if (said.button === "add") await this.openWork({ lesson: lesson.id, kind: state.kinds[0].id, weight: state.kinds[0].weight, title: "" });
    else if (said.button === "history") showLessonHistory(sayLesson(lesson), this.history(`lesson=${lesson.id}`));
    else if (said.button.startsWith("work:")) await this.openWork(state.workById.get(+said.button.slice(5)));
  }

  async openWork(work) {
    const { kinds, lessons } = this.journal.state;
    const open = lessons.filter((lesson) => (lesson.writable && lesson.marks) || lesson.id === work.lesson);
    const said = await askWork({ work, kinds, lessons: open });
    if (!said) return;
    if (said.button === "delete") { await this.remove(work); return; }
    const { kind, title } = said.data, weight = +said.data.weight, lesson = +(said.data.lesson ?? work.lesson);
    if (await this.send(work.id ? `works/${work.id}` : "works", { lesson, kind, title: title.trim(), weight })) await this.refresh();
  }

  async remove(work) {
    let done = await this.send(`works/${work.id}/delete`, {}, [409]);
    if (done?.status === 409) {
      if (!await confirm(say("delete the work"), done.message, say("delete"))) return;
      done = await this.send(`works/${work.id}/delete`, { confirmed: true });
    }
    if (!done) return;
    const step = { restore: () => this.restore(work.id, step) };
    this.journal.remember(step);
    await this.refresh();
    this.tell(say("work deleted", { name: this.name(work) }), [say("bring back"), step.restore]);
  }

  async restore(work, step) {
    if (step.done) return;
    step.done = true;
    this.journal.steps = this.journal.steps.filter((other) => other !== step);
    const back = await this.send(`works/${work}/restore`, {});
    if (!back) { step.done = false; this.journal.steps.push(step); return; }
    this.journal.names.set(String(work), back.work.id);
    await this.refresh();
    this.tell(say("work is back", { name: this.name(back.work) }));
  }

  async addLesson() {
    const said = await askNewLesson(this.journal.state.today);
    if (!said) return;
    const { date, room } = said.data;
    if (await this.send("lessons", { date, number: +said.data.number, room: room.trim() })) await this.refresh();
  }

  async openComment({ heading, field, query, writable, hasMark }) {
    const said = await askComment({
      heading, hasMark, writable, said: hasMark ? this.journal.value(field) : {}, history: this.history(query),
    });
    if (!said) return;
    this.journal.edit([[field, { comment: said.data.comment.trim(), note: said.data.note.trim() }]]);
  }

  async history(query) {
    const answer = await this.connection.ask(`history?${query}`);
    if (!answer.ok) throw new Error(answer.status);
    return (await answer.json()).changes;
  }
}
