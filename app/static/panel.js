// Comforts of the panel: questions before what cannot be undone, chosen rows, filters that apply at once.
// Every page works without this file, but for the delete signs in the rows of a list.
document.documentElement.classList.add("js");

// A form or button with data-confirm asks first; a form that writes is sent once (a preview writes nothing).
const dialog = document.getElementById("confirm");
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  const question = button?.dataset.confirm || form.dataset.confirm;
  if (question && dialog?.showModal && form.dataset.agreed !== "yes") {
    event.preventDefault();
    dialog.querySelector("p").textContent = question;
    dialog.returnValue = "no";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.agreed = "yes";
      form.requestSubmit(button);
    };
    dialog.showModal();
  } else if (form.method === "post" && button?.formTarget !== "_blank") {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
});
// Who comes back by the browser's button finds the forms as new.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) { delete form.dataset.sent; delete form.dataset.agreed; }
});

// Filters apply when one is chosen; empty ones stay out of the address.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit());
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

// Chosen rows: the bar with what can be done with them shows how many they are.
const boxes = [...document.querySelectorAll("input[name=rowid]")];
const all = document.querySelector("[data-choose-all]");
const bar = document.getElementById("chosen");
function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  bar?.classList.toggle("on", chosen > 0);
  const text = bar?.querySelector("[data-chosen-count]");
  if (text) {
    text.dataset.words ??= text.textContent;
    text.textContent = `${text.dataset.words} ${chosen}`;
  }
  if (all) { all.checked = chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
}
let last = null;
for (const box of boxes) {
  box.addEventListener("click", (event) => {
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    count();
  });
}
all?.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; count(); });
if (boxes.length) count();

// A click anywhere in a row opens it, as its link does.
document.addEventListener("click", (event) => {
  const row = event.target.closest(".rows tbody tr");
  if (!row || event.target.closest("a, button, input, label, select, summary") || String(getSelection())) return;
  const link = row.querySelector("a.open");
  if (link && (event.ctrlKey || event.metaKey)) window.open(link.href, "_blank", "noopener");
  else link?.click();
});

// Drop-downs and the menu of a phone close by Escape and by a click beside them.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.firstElementChild.focus(); }
  const sidebar = document.getElementById("menu-open");
  if (sidebar?.checked) { sidebar.checked = false; sidebar.focus(); }
});

// The menu stays where it was scrolled to.
const menu = document.querySelector(".top");
if (menu) {
  menu.scrollTop = Number(sessionStorage.getItem("menu")) || 0;
  addEventListener("pagehide", () => sessionStorage.setItem("menu", menu.scrollTop));
}

// Messages that were read can be put away; a wrong form shows its first wrong field.
for (const notice of document.querySelectorAll("main > .notice[role=status]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "close-notice";
  button.textContent = "×";
  button.setAttribute("aria-label", document.body.dataset.close);
  button.addEventListener("click", () => notice.remove());
  notice.append(button);
}
document.querySelector(".field [aria-invalid=true]")?.focus();
