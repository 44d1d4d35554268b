// The diary without a connection: what was seen last, marked as such. And what the school tells by Web Push.
const PAGES = "diary-pages", FILES = "diary-files", MOST_PAGES = 40, PATIENCE = 5000;
const OFFLINE = "/diary/offline/", START = "/diary/", LOGIN = "/login";

self.addEventListener("install", (event) => {
  event.waitUntil(keepOfflinePage().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!url.searchParams.has("download") && !url.pathname.includes("/file/")) event.respondWith(page(event));
  } else if (isVersioned(url)) {
    event.respondWith(file(request));
  }
});

self.addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(
    self.registration.showNotification(told.title ?? "", { body: told.body ?? "", tag: told.tag, data: { url: told.url ?? START }, icon: told.icon }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window" });
    const here = open.find((client) => new URL(client.url).pathname.startsWith(START));
    return here ? (await here.focus()).navigate(url) : self.clients.openWindow(url);
  })());
});

async function keepOfflinePage() {
  const cache = await caches.open(FILES);
  const answer = await fetch(OFFLINE, { cache: "no-store" });
  if (answer.ok) await cache.put(OFFLINE, answer);
}

/** What stands in the network; what was seen last when there is none, or none in time. */
async function page(event) {
  const { request } = event, path = new URL(request.url).pathname;
  const fresh = (async () => (await event.preloadResponse) ?? fetch(request))();
  const seen = await (await caches.open(PAGES)).match(request.url);
  try {
    const answer = await (seen ? inTime(fresh) : fresh);
    event.waitUntil(keep(request.url, path, answer.clone()));
    return answer;
  } catch {
    fresh.catch(() => {});
    return seen ? marked(seen) : (await (await caches.open(FILES)).match(OFFLINE)) ?? Response.error();
  }
}

function inTime(answer) {
  return Promise.race([answer, new Promise((_, late) => setTimeout(late, PATIENCE))]);
}

async function keep(address, path, answer) {
  if (new URL(answer.url || address).pathname === LOGIN) return caches.delete(PAGES); // signed out meanwhile
  if (!answer.ok || answer.redirected || !(answer.headers.get("Content-Type") ?? "").startsWith("text/html")) return;
  if (path === OFFLINE) return;
  const cache = await caches.open(PAGES), headers = new Headers(answer.headers);
  headers.set("X-Seen-At", new Date().toISOString());
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  const text = await answer.text();
  const copy = () => new Response(text, { headers });
  await cache.delete(address);
  await cache.put(address, copy());
  if (/^\/diary\/\d+\/$/.test(path)) await cache.put(new URL(START, address).href, copy()); // where the app begins
  const known = await cache.keys();
  await Promise.all(known.slice(0, Math.max(0, known.length - MOST_PAGES)).map((old) => cache.delete(old)));
}

/** The page as it was seen, with the note that it is old and of when it is. */
async function marked(seen) {
  const headers = new Headers(seen.headers), text = await seen.text();
  const language = /<html lang="([\w-]+)"/.exec(text)?.[1] ?? "ru", at = headers.get("X-Seen-At");
  const when = new Date(at).toLocaleString(language, { weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  const body = text
    .replace("<body ", '<body data-seen="old" ')
    .replace(/<time class="seen-at"><\/time>/, `<time class="seen-at" datetime="${at}">${when}</time>`);
  return new Response(body, { headers });
}

function isVersioned(url) {
  return (url.pathname.startsWith("/static/") && url.searchParams.has("v")) || url.pathname.startsWith("/modules/");
}

/** Files that carry their version in the address never change. */
async function file(request) {
  const cache = await caches.open(FILES), seen = await cache.match(request);
  if (seen) return seen;
  const answer = await fetch(request);
  if (answer.ok) {
    const other = (await cache.keys()).filter((old) => old.url.split("?")[0] === request.url.split("?")[0]);
    await Promise.all(other.map((old) => cache.delete(old)));
    await cache.put(request, answer.clone());
  }
  return answer;
}
