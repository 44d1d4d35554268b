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

  /** Write `put` and remove the keys `gone` in one transaction that is on the disk when this is done. */
  async write(put, gone = []) {
    const records = put.map(({ sent: _sent, ...record }) => structuredClone(record));
    const database = await this.database;
    if (!database) return;
    await new Promise((resolve) => {
      const work = database.transaction("edits", "readwrite", { durability: "strict" });
      const edits = work.objectStore("edits");
      for (const key of gone) edits.delete(key);
      for (const record of records) edits.put(record);
      work.oncomplete = resolve;
      work.onabort = work.onerror = () => { this.lasting = false; resolve(); };
    });
  }
}
