// Lets a person see the password they type. Without this file the fields work as well.
for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = field.dataset.show;
  button.setAttribute("aria-controls", field.id);
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    button.textContent = hidden ? field.dataset.hide : field.dataset.show;
    button.setAttribute("aria-pressed", String(hidden));
    field.focus();
  });
  const row = document.createElement("div");
  row.className = "with-toggle";
  field.replaceWith(row);
  row.append(field, button);
}
