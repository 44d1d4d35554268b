// A small menu at a cell, for the mouse and the finger: marks, attendance, clearing, and what else the cell offers.

import { LETTERS, FINALS } from "./writing.js";
import { escape, say } from "./words.js";

let shown = null;
export function closePalette() {
  shown?.remove();
  shown = null;
}
document.addEventListener("pointerdown", (event) => { if (shown && !shown.contains(event.target)) closePalette(); });

/** `choose(value)` gets a mark, a letter, "clear", "say", "accept". */
export function openPalette(cell, column, { writable, proposed, marks }, choose) {
  closePalette();
  const menu = document.createElement("div");
  menu.className = "palette";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", say("palette"));
  const button = (value, text = value, look = "") => `<button type="button" role="menuitem" class="${look}" data-value="${escape(value)}">${escape(text)}</button>`;
  const values = column.kind === "final" ? FINALS : [...(marks ? ["5", "4", "3", "2", "1"] : []), ...(column.first ? LETTERS : [])];
  const accept = column.kind === "final" && proposed !== null ? button("accept", say("take over", { proposed }), "long") : "";
  menu.innerHTML = (writable ? `<div class="signs">${values.map((value) => button(value)).join("")}${button("clear", "×")}</div>${accept}` : "")
    + button("say", say(column.kind === "lesson" && marks ? "comment and history" : "history"), "long");
  menu.addEventListener("click", (event) => {
    const value = event.target.closest("button")?.dataset.value;
    if (value) { closePalette(); cell.focus({ preventScroll: true }); choose(value); }
  });
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const buttons = [...menu.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); buttons[(at + step + buttons.length) % buttons.length].focus(); }
    if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); closePalette(); cell.focus({ preventScroll: true }); }
  });
  document.body.append(menu);
  place(menu, cell);
  menu.querySelector("button").focus();
  shown = menu;
}

/** Put a box below a cell, inside the window; `aside`: at its right where there is room, so that the column stays in sight. */
export function place(box, cell, aside = false) {
  const at = cell.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = box;
  box.style.right = box.style.bottom = "auto";
  if (aside && at.right + width + 16 < window.innerWidth) {
    box.style.left = `${at.right + 8}px`;
    box.style.top = `${Math.max(8, Math.min(at.top - 8, window.innerHeight - height - 8))}px`;
    return;
  }
  const below = at.bottom + height + 8 < window.innerHeight;
  box.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
  box.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
}
