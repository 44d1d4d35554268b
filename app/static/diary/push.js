// Puts this browser on the list of those that get push notifications. Asks for permission only when a person taps.
const WORKER = "/diary/sw.js", SCOPE = "/diary/";
const place = document.getElementById("push");
const on = document.getElementById("push-on"), off = document.getElementById("push-off");
const says = document.getElementById("push-says");

// A fault whose words are for the person.
class Said extends Error {}

const bytes = (key) => Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const worker = async () => {
  await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  // A worker that was just installed takes a moment until it can be subscribed to.
  const coming = registration.installing ?? registration.waiting;
  if (!registration.active && coming) {
    await new Promise((done) => coming.addEventListener("statechange", () => coming.state === "activated" && done()));
  }
  return registration;
};

const send = async (address, body) => {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": place.dataset.token };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.ok) return;
  const told = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).message : "";
  throw new Said(told || place.dataset.failed);
};

// A browser that subscribed with an older key of the journal could not be sent anything.
const fits = (subscription) => {
  const key = subscription.options?.applicationServerKey;
  if (!key) return true;
  const [theirs, ours] = [new Uint8Array(key), bytes(place.dataset.key)];
  return theirs.length === ours.length && theirs.every((byte, number) => byte === ours[number]);
};

const subscribed = async () => {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  const subscription = await registration?.pushManager.getSubscription();
  return subscription && fits(subscription) ? subscription : null;
};

const show = async () => {
  const is = Boolean(await subscribed());
  on.hidden = is;
  off.hidden = !is;
};

const subscribe = async () => {
  if ((await Notification.requestPermission()) !== "granted") throw new Said(place.dataset.denied);
  const registration = await worker();
  const old = await registration.pushManager.getSubscription();
  if (old && !fits(old)) await old.unsubscribe();
  const wanted = { userVisibleOnly: true, applicationServerKey: bytes(place.dataset.key) };
  const subscription = await registration.pushManager.subscribe(wanted).catch(() => { throw new Said(place.dataset.failed); });
  await send(place.dataset.subscribe, subscription.toJSON());
  return place.dataset.done;
};

const unsubscribe = async () => {
  const subscription = await subscribed();
  if (subscription) {
    await send(place.dataset.unsubscribe, { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }
  return place.dataset.off;
};

const doing = (work) => async () => {
  on.disabled = off.disabled = true;
  try {
    says.textContent = await work();
    await show();
  } catch (error) {
    says.textContent = error instanceof Said ? error.message : place.dataset.failed;
  }
  on.disabled = off.disabled = false;
};

if (place) {
  place.hidden = false;
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
    on.addEventListener("click", doing(subscribe));
    off.addEventListener("click", doing(unsubscribe));
    show().catch(() => { on.hidden = false; });
  } else {
    says.textContent = place.dataset.unable;
  }
}
