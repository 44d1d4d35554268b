// A screenshot is pasted into the report of a problem; the chosen ones are named below the field.
"use strict";

for (const form of document.querySelectorAll("form[data-paste]")) {
  const field = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-files]");

  const show = () => {
    list.replaceChildren(...[...field.files].map((file) => {
      const item = document.createElement("li");
      item.textContent = file.name;
      return item;
    }));
  };

  // Chosen and pasted ones go together; a browser takes only a whole list.
  form.addEventListener("paste", (event) => {
    const pictures = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
    if (!pictures.length) return;
    event.preventDefault();
    const all = new DataTransfer();
    for (const file of field.files) all.items.add(file);
    for (const file of pictures) {
      const name = `${form.dataset.paste} ${all.items.length + 1}.${file.type.split("/")[1]}`;
      all.items.add(new File([file], name, { type: file.type }));
    }
    field.files = all.files;
    show();
  });
  field.addEventListener("change", show);

  form.addEventListener("submit", (event) => {
    if (form.ariaBusy === "true") event.preventDefault();
    form.ariaBusy = "true";
  });
  addEventListener("pageshow", () => { form.ariaBusy = "false"; });
}
