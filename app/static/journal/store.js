// Edits that are not yet on the server, kept in this browser (IndexedDB), for each person apart.

const open = (person) => new Promise((resolve, reject) => {
  const request = indexedDB.open(`journal-edits-${person}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("edits", { keyPath: "key" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  request.onblocked = () => reject(new Error("blocked"));
});

export class Store {
  /** `lasting` is false where the browser keeps nothing (a private window): the page says so. */
  constructor(person) {
    this.lasting = true;
    this.next = new Map(); // key: the edit to keep, or null
    this.writing = null; // done when everything is on the disk
    this.onKept = () => {};
    this.database = open(person).catch(() => { this.lasting = false; return null; });
  }

  /** All kept edits of the person, in the order they were made. */
  async all() {
    const database = await this.database;
    if (!database) return [];
    const request = database.transaction("edits").objectStore("edits").getAll();
    const kept = await new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve([]);
    });
    return kept.sort((one, other) => one.at - other.at);
  }

  /** Write `put` and remove the keys `gone`; done when it is on the disk. What comes meanwhile goes together next. */
  write(put, gone = []) {
    for (const key of gone) this.next.set(key, null);
    for (const { sent: _sent, ...record } of put) this.next.set(record.key, structuredClone(record));
    this.writing ??= this.flush().finally(() => { this.writing = null; this.onKept(); });
    return this.writing;
  }

  async flush() {
    const database = await this.database;
    while (this.next.size) {
      const now = this.next;
      this.next = new Map();
      if (database) await this.transact(database, now);
    }
  }

  transact(database, changes) {
    return new Promise((resolve) => {
      const work = database.transaction("edits", "readwrite", { durability: "strict" });
      const edits = work.objectStore("edits");
      for (const [key, record] of changes) { if (record) edits.put(record); else edits.delete(key); }
      work.oncomplete = resolve;
      work.onabort = work.onerror = () => { this.lasting = false; resolve(); };
    });
  }
}
