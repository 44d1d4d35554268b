// Drafts of messages outlive a lost connection or a closed tab's reload; a form is sent by one tap only.
"use strict";

const kept = (name) => `draft ${name}`;

function read(name) {
  try { return JSON.parse(sessionStorage.getItem(kept(name))); } catch { return null; }
}

function write(name, fields) {
  try { sessionStorage.setItem(kept(name), JSON.stringify(fields)); } catch { /* no room: the form itself keeps it */ }
}

function forget(name) {
  try { sessionStorage.removeItem(kept(name)); } catch { /* nothing was kept */ }
}

const address = new URL(location.href);
if (address.searchParams.has("sent")) {
  forget(address.searchParams.get("sent"));
  address.searchParams.delete("sent");
  history.replaceState(null, "", address);
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const name = form.dataset.draft;
  const fields = [...form.querySelectorAll("textarea, input[name=subject]")];
  const draft = read(name) ?? {};
  for (const field of fields) {
    if (!field.value && draft[field.name]) field.value = draft[field.name];
    field.addEventListener("input", () => {
      if (fields.some((each) => each.value)) write(name, Object.fromEntries(fields.map((each) => [each.name, each.value])));
      else forget(name);
    });
  }
  form.addEventListener("submit", (event) => {
    if (form.ariaBusy === "true") event.preventDefault();
    form.ariaBusy = "true";
  });
  addEventListener("pageshow", () => { form.ariaBusy = "false"; });
}
