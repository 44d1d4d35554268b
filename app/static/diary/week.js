// The week is leafed through by swiping, and printed by a button; the arrows are links and need no script.
const FAR = 70; // pixels of a swipe

let began = null;
document.addEventListener("touchstart", (event) => {
  const touch = event.touches[0];
  began = event.touches.length === 1 ? { x: touch.clientX, y: touch.clientY } : null;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!began) return;
  const touch = event.changedTouches[0];
  const across = touch.clientX - began.x;
  const down = touch.clientY - began.y;
  began = null;
  if (Math.abs(across) < FAR || Math.abs(across) < 2 * Math.abs(down)) return;
  const link = document.querySelector(across < 0 ? "a[rel=next]" : "a[rel=prev]");
  if (link) location.assign(link.href);
}, { passive: true });

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
