// Follows a batch of messages: asks every two seconds while something is under way, and writes what changed.
(() => {
  "use strict";
  const page = document.getElementById("progress");
  if (!page || !("underWay" in page.dataset)) return;
  const EVERY = 2000, AFTER_TROUBLE = 10000;

  const line = (id) => page.querySelector(`[data-line="${id}"]`);
  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  function showPerson(row, person) {
    const word = row.querySelector("[data-word]");
    write(word, person.word);
    word.className = `badge ${person.tone}`;
    write(row.querySelector("[data-reason]"), person.reason);
    row.querySelector("[data-slip]").hidden = !person.can_print;
    for (const help of row.querySelectorAll("[data-help]")) help.hidden = !person.needs_help;
  }

  function show(state) {
    const bar = document.getElementById("bar");
    bar.max = state.total;
    bar.value = state.settled;
    write(document.getElementById("summary"), state.summary);
    const slips = document.getElementById("slips");
    write(slips, state.slips);
    slips.hidden = state.slips === "";
    for (const count of page.querySelectorAll("[data-count]")) {
      const number = state.counts[count.dataset.count] || 0;
      write(count.querySelector(".figure"), String(number));
      count.hidden = number === 0;
    }
    for (const person of state.people) {
      const row = line(person.id);
      if (row) showPerson(row, person);
    }
  }

  async function ask() {
    let wait = EVERY;
    try {
      const answer = await fetch(page.dataset.state, { headers: { Accept: "application/json" } });
      if ([401, 403, 404].includes(answer.status)) {
        location.reload(); // signed out, or no longer this person's to see
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      show(state);
      if (!state.under_way) return;
    } catch {
      wait = AFTER_TROUBLE;
    }
    setTimeout(ask, wait);
  }

  setTimeout(ask, EVERY);
})();
