/* Shows a page of its own without a network, and does nothing else. The server's answers are never
   cached: pages show personal data, and people lend their phones. */
"use strict";

const PAGE = "{% url 'offline' %}";
const FILES = [PAGE{% for file in files %}, "{{ file|escapejs }}"{% endfor %}];
const CACHE = "sin-conexion-{{ version }}";

async function keepThePage() {
  const cache = await caches.open(CACHE);
  // Without cookies, so that the cached files cannot hold anybody's data.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload", credentials: "omit" })));
  await self.skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name !== CACHE) await caches.delete(name);
  }
  // Pages load while this script starts.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function fromTheServer(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return caches.match(PAGE);
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepThePage()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fromTheServer(event));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
