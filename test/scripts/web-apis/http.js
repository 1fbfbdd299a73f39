// Rows of docs/web-apis.md: requests, answers, forms and files. `base` is a server of the test's.
const form = (build) => {
  const made = new FormData();
  build(made);
  return made;
};
const echoed = (base, init) => fetch(`${base}/echo`, { method: 'POST', ...init }).then((answer) => answer.json());

export const http = {
  fetch: [
    ['an answer', ({ base }) => fetch(`${base}/text`).then((r) => r.text()), 'hello'],
    ['a URL object', ({ base }) => fetch(new URL('/text', base)).then((r) => r.status), 200],
    ['a Request', ({ base }) => fetch(new Request(`${base}/text`)).then((r) => r.ok), true],
  ],
  'fetch: bodies': [
    [
      'text',
      ({ base }) => echoed(base, { body: 'ä' }).then((r) => [r.type, r.hex]),
      ['text/plain;charset=UTF-8', 'c3a4'],
    ],
    ['bytes', ({ base }) => echoed(base, { body: new Uint8Array([0, 255]) }).then((r) => r.hex), '00ff'],
    [
      'a stream',
      ({ base }) => echoed(base, { body: new Blob(['ab']).stream(), duplex: 'half' }).then((r) => r.hex),
      '6162',
    ],
    [
      'URLSearchParams',
      ({ base }) => echoed(base, { body: new URLSearchParams({ a: 'ä' }) }).then((r) => r.text),
      'a=%C3%A4',
    ],
  ],
  'fetch: redirects': [
    ['follow', ({ base }) => fetch(`${base}/moved`).then(async (r) => [r.redirected, await r.text()]), [true, 'hello']],
    ['manual', ({ base }) => fetch(`${base}/moved`, { redirect: 'manual' }).then((r) => r.status), 302],
    [
      'error',
      ({ base }) =>
        fetch(`${base}/moved`, { redirect: 'error' }).then(
          () => 'followed',
          (e) => e.name,
        ),
      'TypeError',
    ],
    [
      'no authorization for another origin',
      ({ base }) => fetch(`${base}/away`, { headers: { authorization: 'secret' } }).then((r) => r.text()),
      'none',
    ],
  ],
  'fetch: compressed answers': [
    ['gzip', ({ base }) => fetch(`${base}/gzip`).then((r) => r.text()), 'hello'.repeat(100)],
    ['deflate', ({ base }) => fetch(`${base}/deflate`).then((r) => r.text()), 'hello'.repeat(100)],
    ['br', ({ base }) => fetch(`${base}/br`).then((r) => r.text()), 'hello'.repeat(100)],
  ],
  'fetch: abort': [
    [
      'before the answer',
      ({ base }) => fetch(`${base}/slow`, { signal: AbortSignal.timeout(20) }).catch((e) => e.name),
      'TimeoutError',
    ],
    [
      'while the body comes',
      async ({ base }) => {
        const stop = new AbortController();
        const answer = await fetch(`${base}/drip`, { signal: stop.signal });
        const text = answer.text().catch((e) => e.name);
        setTimeout(() => stop.abort(), 20);
        return text;
      },
      'AbortError',
    ],
  ],
  'fetch: data: and blob: URLs': [
    ['data:', () => fetch('data:text/plain;base64,aGk=').then((r) => r.text()), 'hi'],
    ['blob:', () => fetch(URL.createObjectURL(new Blob(['hi']))).then((r) => r.text()), 'hi'],
  ],
  Request: [
    [
      'its parts',
      () => {
        const { method, url, redirect } = new Request('http://x/a?b', { method: 'put' });
        return [method, url, redirect];
      },
      ['PUT', 'http://x/a?b', 'follow'],
    ],
    [
      'no body with GET',
      () => {
        try {
          new Request('http://x/', { body: 'a' });
        } catch (e) {
          return e.name;
        }
      },
      'TypeError',
    ],
    [
      'made of another',
      () => new Request(new Request('http://x/', { method: 'POST', body: 'a' }), { headers: { a: 'b' } }).text(),
      'a',
    ],
  ],
  'Request.clone': [
    [
      'bytes',
      async () => {
        const one = new Request('http://x/', { method: 'POST', body: 'a' });
        const two = one.clone();
        return [await one.text(), await two.text()];
      },
      ['a', 'a'],
    ],
    [
      'a stream',
      async () => {
        const one = new Request('http://x/', { method: 'POST', body: new Blob(['a']).stream(), duplex: 'half' });
        const two = one.clone();
        return [await two.text(), await one.text()];
      },
      ['a', 'a'],
    ],
  ],
  Response: [
    [
      'status and text',
      () => {
        const { status, statusText, ok, type } = new Response(null, { status: 404, statusText: 'No' });
        return [status, statusText, ok, type];
      },
      [404, 'No', false, 'default'],
    ],
    [
      'read once',
      async () => {
        const one = new Response('a');
        await one.text();
        return [one.bodyUsed, await one.text().catch((e) => e.name)];
      },
      [true, 'TypeError'],
    ],
  ],
  'Response.clone': [
    [
      'bytes',
      async () => {
        const one = new Response('a');
        const two = one.clone();
        return [await one.text(), await two.text()];
      },
      ['a', 'a'],
    ],
    [
      'a stream',
      async () => {
        const one = new Response(new Blob(['a']).stream());
        const two = one.clone();
        return [await two.text(), await one.text()];
      },
      ['a', 'a'],
    ],
    [
      'an answer',
      async ({ base }) => {
        const one = await fetch(`${base}/text`);
        const two = one.clone();
        return [await two.text(), await one.text()];
      },
      ['hello', 'hello'],
    ],
  ],
  'Response.json, redirect, error': [
    ['json', () => Response.json({ a: 1 }).headers.get('content-type'), 'application/json'],
    ['redirect', () => Response.redirect('http://x/y', 301).headers.get('location'), 'http://x/y'],
    ['error', () => Response.error().type, 'error'],
  ],
  'Body: text, json, arrayBuffer, bytes, blob, formData': [
    ['text', () => new Response('ä').text(), 'ä'],
    ['json', () => new Response('{"a":1}').json(), { a: 1 }],
    ['arrayBuffer', () => new Response('ab').arrayBuffer().then((b) => b.byteLength), 2],
    ['bytes', () => new Response('ab').bytes().then((b) => [...b]), [97, 98]],
    [
      'blob',
      () => new Response('ab', { headers: { 'content-type': 'a/b' } }).blob().then((b) => [b.size, b.type]),
      [2, 'a/b'],
    ],
    ['formData', () => new Response(new URLSearchParams({ a: '1' })).formData().then((f) => f.get('a')), '1'],
  ],
  Headers: [
    [
      'sorted and joined',
      () => [
        ...new Headers([
          ['b', '1'],
          ['A', '2'],
          ['B', '3'],
        ]),
      ],
      [
        ['a', '2'],
        ['b', '1, 3'],
      ],
    ],
    [
      'append, delete, has, set',
      () => {
        const made = new Headers({ a: '1' });
        made.append('a', '2');
        made.set('b', '3');
        made.delete('a');
        return [made.has('a'), made.get('b')];
      },
      [false, '3'],
    ],
    [
      'wrong names',
      () => {
        try {
          new Headers({ 'a b': 'c' });
        } catch (e) {
          return e.name;
        }
      },
      'TypeError',
    ],
  ],
  'Headers.getSetCookie': [
    [
      'several',
      () => {
        const made = new Headers();
        made.append('set-cookie', 'a=1');
        made.append('Set-Cookie', 'b=2');
        return made.getSetCookie();
      },
      ['a=1', 'b=2'],
    ],
  ],
  FormData: [
    [
      'append, getAll, delete, set',
      () => {
        const made = form((f) => {
          f.append('a', '1');
          f.append('a', '2');
          f.set('b', '3');
          f.delete('b');
        });
        return [made.getAll('a'), made.has('b')];
      },
      [['1', '2'], false],
    ],
    [
      'entries in order',
      () => [
        ...form((f) => {
          f.append('b', '1');
          f.append('a', '2');
        }),
      ],
      [
        ['b', '1'],
        ['a', '2'],
      ],
    ],
  ],
  'FormData: multipart': [
    [
      'bytes of a file, exactly',
      async () => {
        const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
        const sent = new Response(form((f) => f.set('f', new File([bytes], 'ä.bin', { type: 'a/b' }))));
        const file = (await sent.formData()).get('f');
        return [file.name, file.type, (await file.bytes()).every((byte, at) => byte === at)];
      },
      ['ä.bin', 'a/b', true],
    ],
    ['texts', () => new Response(form((f) => f.set('a"b', 'x\r\ny'))).formData().then((f) => f.get('a"b')), 'x\r\ny'],
    [
      'sent',
      ({ base }) =>
        echoed(base, { body: form((f) => f.set('f', new Blob(['hi']))) }).then((r) =>
          r.text.includes('\r\n\r\nhi\r\n'),
        ),
      true,
    ],
  ],
  Blob: [
    ['parts', () => new Blob(['a', new Uint8Array([98]), new Blob(['c'])]).text(), 'abc'],
    ['slice', () => new Blob(['abcd']).slice(1, -1).text(), 'bc'],
    ['type', () => new Blob([], { type: 'A/B' }).type, 'a/b'],
    [
      'stream',
      async () => {
        let text = '';
        for await (const part of new Blob(['ab']).stream()) text += new TextDecoder().decode(part);
        return text;
      },
      'ab',
    ],
    ['bytes', () => new Blob(['a']).bytes().then((b) => b[0]), 97],
  ],
  File: [
    [
      'name and time',
      () => {
        const { name, lastModified, size } = new File(['ab'], 'x', { lastModified: 5 });
        return [name, lastModified, size];
      },
      ['x', 5, 2],
    ],
  ],
  caches: [
    [
      'open, put, match',
      async () => {
        const cache = await caches.open('a');
        await cache.put('http://x/', new Response('a', { headers: { 'cache-control': 'max-age=60' } }));
        return (await cache.match('http://x/')).text();
      },
      'a',
    ],
  ],
  WebSocket: [['a connection', () => new WebSocket('ws://127.0.0.1:1/') instanceof EventTarget, true]],
  EventSource: [['a connection', () => new EventSource('http://127.0.0.1:1/') instanceof EventTarget, true]],
  XMLHttpRequest: [['a request', () => new XMLHttpRequest().readyState, 0]],
};
