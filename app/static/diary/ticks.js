// Homework is ticked off without loading the page anew; without this script the button sends its form.
const form = document.getElementById("ticks");
const state = document.getElementById("tick-state");

async function send(button) {
  const wanted = button.value === "1";
  const body = new FormData(form);
  body.set("done", button.value);
  show(button, wanted);
  state.hidden = true;
  try {
    const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    show(button, !wanted);
    state.textContent = form.dataset.failed;
    state.hidden = false;
    button.after(state);
  }
}

function show(button, isDone) {
  button.setAttribute("aria-pressed", String(isDone));
  button.value = isDone ? "0" : "1";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.tick");
  if (!button || !form) return;
  event.preventDefault();
  if (button.dataset.busy) return;
  button.dataset.busy = "1";
  send(button).finally(() => delete button.dataset.busy);
});
