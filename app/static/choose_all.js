// One box for all: ticks every box of a name, and shows when some of them are.
(() => {
  "use strict";
  for (const all of document.querySelectorAll("[data-check-all]")) {
    const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`)];
    const show = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    all.hidden = boxes.length === 0;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
    });
    for (const box of boxes) box.addEventListener("change", show);
    show();
  }
})();
