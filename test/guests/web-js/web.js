// Uses what a web platform gives a handler: fetch, streams, timers, random values, URL, text coding, the environment.
import { getEnvironment } from 'wasi:cli/environment';

const routes = {
  async echo(request) {
    return new Response(request.body, { headers: { 'content-type': request.headers.get('content-type') } });
  },
  async json(request) {
    return Response.json({ method: request.method, sent: await request.json() }, { status: 201 });
  },
  async forward(request, url) {
    const answer = await fetch(url.searchParams.get('url'), {
      method: 'POST',
      headers: { 'x-sent': 'by JavaScript' },
      body: await request.text(),
    });
    return new Response(`${answer.status} ${answer.headers.get('x-got')} ${await answer.text()}`);
  },
  /** A gateway as people write it: the headers of the visitor, and no body. */
  async gateway(request, url) {
    return relayed(fetch(url.searchParams.get('url'), { headers: request.headers }));
  },
  /** More than any buffer on the way holds. */
  async upload(_, url) {
    return relayed(fetch(url.searchParams.get('url'), { method: 'POST', body: new Uint8Array(8_000_000) }));
  },
  async unread() {
    return new Response('no more of it, please', { status: 413 });
  },
  async sleep() {
    const before = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response(performance.now() - before >= 19 ? 'waited' : 'too soon');
  },
  async stream() {
    const encoder = new TextEncoder();
    const parts = ['one ', 'two ', 'three'];
    const body = new ReadableStream({
      async pull(controller) {
        const part = parts.shift();
        if (part === undefined) controller.close();
        else controller.enqueue(encoder.encode(part));
      },
    });
    return new Response(body);
  },
  async random() {
    const values = [crypto.randomUUID(), crypto.randomUUID(), Math.random(), Math.random()];
    return new Response(new Set(values).size === values.length ? 'different' : 'the same');
  },
  async environment() {
    return new Response(JSON.stringify(Object.fromEntries(getEnvironment())));
  },
  async log() {
    console.log('a line of stdout');
    console.error('a line of stderr');
    return new Response('logged');
  },
  async fail() {
    throw new TypeError('thrown on purpose');
  },
};

async function relayed(fetched) {
  try {
    const answer = await fetched;
    return new Response(`${answer.status} ${await answer.text()}`);
  } catch (error) {
    return new Response(`failed: ${error.name}`, { status: 502 });
  }
}

let served = 0;

async function handle(request) {
  served++;
  const url = new URL(request.url);
  const route = routes[url.pathname.split('/').at(-1)];
  return route ? route(request, url) : new Response(`served ${served}`, { status: 404 });
}

addEventListener('fetch', (event) => event.respondWith(handle(event.request)));
