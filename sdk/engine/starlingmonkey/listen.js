// StarlingMonkey hands requests to the listener that was there first, before programs get an addEventListener of their own.
export const requests = { answer: undefined };

addEventListener('fetch', (event) => {
  const later = [];
  event.respondWith(requests.answer(event.request, later).finally(() => event.waitUntil(Promise.allSettled(later))));
});
