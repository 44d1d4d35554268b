// Relation fields: type, and choose from the rows that fit. By keyboard: arrows, Enter, Escape; by finger: tap.
// What is chosen stands in the hidden field that Flask-Admin reads; several are its numbers, joined by commas.
for (const box of document.querySelectorAll(".lookup")) {
  const kept = box.querySelector("[data-role=select2-ajax]");
  const field = box.querySelector("[role=combobox]");
  const list = box.querySelector("[role=listbox]");
  const several = kept.dataset.multiple === "1";
  const stands = JSON.parse(kept.dataset.json || "null");
  let chosen = several ? stands || [] : stands ? [stands] : [];
  let options = [], active = -1, asked = null, timer = 0;

  function show() {
    kept.value = chosen.map(([number]) => number).join(",");
    if (!several) field.value = chosen[0]?.[1] ?? "";
    for (const old of box.querySelectorAll(".chip, .clear")) old.remove();
    if (several) chosen.forEach((row) => field.before(chip(row)));
    else if (chosen.length && kept.dataset.allowBlank) field.after(cross("clear", box.dataset.clear, chosen[0]));
  }
  function cross(kind, label, row) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: kind, textContent: "×" });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => { take(row); field.focus(); });
    return button;
  }
  function chip(row) {
    const span = document.createElement("span");
    span.className = "chip";
    span.append(row[1], cross("", `${box.dataset.clear}: ${row[1]}`, row));
    return span;
  }
  function take(row) {
    chosen = chosen.filter(([number]) => number !== row[0]);
    show();
    close();
  }
  function choose(row) {
    chosen = several ? [...chosen.filter(([number]) => number !== row[0]), row] : [row];
    if (several) field.value = "";
    show();
    close();
  }
  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }
  function mark(place) {
    active = place;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    list.children[place]?.scrollIntoView({ block: "nearest" });
    if (place < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[place].id);
  }
  function fill(rows, otherwise) {
    options = rows;
    list.replaceChildren(...(rows.length ? rows : [[null, otherwise]]).map(([number, text], index) => {
      const item = document.createElement("li");
      item.textContent = text;
      if (number !== null) { item.id = `${list.id}-${index}`; item.setAttribute("role", "option"); }
      return item;
    }));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    mark(rows.length && field.value ? 0 : -1);
  }
  async function ask(typed) {
    asked?.abort();
    const mine = asked = new AbortController();
    const address = new URL(kept.dataset.url, location.href);
    address.search = new URLSearchParams([...address.searchParams, ["query", typed], ["limit", "20"]]);
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const rows = await answer.json();
      if (asked === mine) fill(rows, box.dataset.nothing);
    } catch (error) {
      if (error.name !== "AbortError") fill([], box.dataset.lost);
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (!several && field.value.trim() === "" && kept.dataset.allowBlank) { chosen = []; kept.value = ""; }
    timer = setTimeout(ask, 150, field.value.trim());
  });
  field.addEventListener("click", () => { if (list.hidden) { field.select(); ask(several ? field.value.trim() : ""); } });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) ask(several ? field.value.trim() : "");
      else if (options.length) mark((active + step + options.length) % options.length);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (options[active]) choose(options[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      show();
      close();
    } else if (event.key === "Backspace" && several && field.value === "" && chosen.length) take(chosen.at(-1));
  });
  field.addEventListener("blur", () => { if (!several) show(); else field.value = ""; close(); });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const row = options[[...list.children].indexOf(event.target.closest("[role=option]"))];
    if (row) choose(row);
  });
  show();
}
