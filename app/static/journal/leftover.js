// Sends edits that were left in this browser for other journals of the same person; the list of journals includes it.

import { Queue } from "./queue.js";
import { Connection, Sender } from "./sync.js";
import { Store } from "./store.js";

/** Try once for each journal but `except`; what is not accepted stays for that journal's own page. */
export async function sendLeftover(person, except = null) {
  const store = new Store(person);
  const kept = (await store.all()).filter((edit) => edit.assignment !== except);
  const waiting = kept.filter((edit) => edit.state === "waiting");
  for (const assignment of new Set(waiting.map((edit) => edit.assignment))) {
    const queue = new Queue(store, assignment, () => 0);
    queue.load(kept);
    const sender = new Sender(new Connection(`/admin/journal/${assignment}/`, person), queue, { heard() {} });
    await sender.run();
    clearTimeout(sender.timer);
    if (sender.trouble) return;
  }
}

const list = document.querySelector("[data-journal-person]");
if (list) {
  const send = () => sendLeftover(Number(list.dataset.journalPerson));
  window.addEventListener("online", send);
  send();
}
