// Keeps what is seen for times without a connection, and does not let a form be lost in them.
if ("serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register("/diary/sw.js", { scope: "/diary/" }).catch(() => {}));
}

const note = document.querySelector(".connection");

function tell() {
  if (note) note.hidden = navigator.onLine;
}

window.addEventListener("online", tell);
window.addEventListener("offline", tell);
tell();

document.addEventListener("submit", (event) => {
  if (navigator.onLine || event.target.method === "get") return;
  event.preventDefault();
  note?.scrollIntoView({ block: "center" });
  note?.focus();
}, true);
