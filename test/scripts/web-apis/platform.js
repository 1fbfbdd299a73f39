// Rows of docs/web-apis.md: URLs, timers, events, messages, clones and what else is global.
const nameOf = (work) => {
  try {
    return work();
  } catch (e) {
    return e.name;
  }
};
const later = (ms, value) => new Promise((go) => setTimeout(go, ms, value));

export const urls = {
  URL: [
    ['a relative one', () => new URL('../a?b#c', 'http://x/y/z/').href, 'http://x/y/a?b#c'],
    [
      'its parts',
      () => {
        const { protocol, username, password, host, port, pathname, search, hash, origin } = new URL(
          'https://u:p@x.y:444/a?b#c',
        );
        return [protocol, username, password, host, port, pathname, search, hash, origin];
      },
      ['https:', 'u', 'p', 'x.y:444', '444', '/a', '?b', '#c', 'https://x.y:444'],
    ],
    [
      'parts that are set',
      () => {
        const url = new URL('http://x/a');
        url.host = 'y:81';
        url.pathname = '/b c';
        url.search = 'd=ä';
        return url.href;
      },
      'http://y:81/b%20c?d=%C3%A4',
    ],
    ['IDN', () => new URL('http://ä.example/').host, 'xn--4ca.example'],
    ['IPv4 and IPv6', () => [new URL('http://0x7f.1/').host, new URL('http://[0:0::1]/').host], ['127.0.0.1', '[::1]']],
    ['default ports', () => new URL('https://x:443/').href, 'https://x/'],
    [
      'wrong ones',
      () => ['nope', 'http://', 'http://a b/', 'http://x:99999/'].map((text) => nameOf(() => new URL(text))),
      Array(4).fill('TypeError'),
    ],
    ['other schemes', () => new URL('mailto:a@b.c').pathname, 'a@b.c'],
  ],
  'URL.canParse': [['both', () => [URL.canParse('nope'), URL.canParse('a', 'http://x')], [false, true]]],
  'URL.parse': [['both', () => [URL.parse('nope'), URL.parse('a', 'http://x').href], [null, 'http://x/a']]],
  'URL.createObjectURL': [['a blob', () => URL.createObjectURL(new Blob(['a'])).startsWith('blob:'), true]],
  URLSearchParams: [
    [
      'made of',
      () => [{ a: 'ä b' }, [['a', '1']], '?a=1&b'].map((one) => String(new URLSearchParams(one))),
      ['a=%C3%A4+b', 'a=1', 'a=1&b='],
    ],
    [
      'append, delete, getAll, has, set, sort',
      () => {
        const p = new URLSearchParams('b=1&a=2&b=3&c=4');
        p.delete('b', '3');
        p.append('a', '5');
        p.set('c', '6');
        p.sort();
        return [String(p), p.getAll('a'), p.has('a', '5'), p.has('a', '6')];
      },
      ['a=2&a=5&b=1&c=6', ['2', '5'], true, false],
    ],
    ['size', () => new URLSearchParams('a&b').size, 2],
    [
      'of a URL',
      () => {
        const url = new URL('http://x/?a=1');
        url.searchParams.append('b', '2');
        return url.href;
      },
      'http://x/?a=1&b=2',
    ],
  ],
  URLPattern: [
    [
      'groups',
      () => new URLPattern({ pathname: '/u/:id(\\d+)/*' }).exec('http://x/u/7/a').pathname.groups,
      { 0: 'a', id: '7' },
    ],
    ['test', () => new URLPattern('/a', 'http://x').test('http://y/a'), false],
    ['hasRegExpGroups', () => new URLPattern({ pathname: '/:a(\\d+)' }).hasRegExpGroups, true],
  ],
  'encodeURIComponent, escape': [
    [
      'both ways',
      () => [encodeURIComponent('ä/'), decodeURIComponent('%C3%A4'), escape('ä'), unescape('%E4')],
      ['%C3%A4%2F', 'ä', '%E4', 'ä'],
    ],
  ],
};

export const platform = {
  'setTimeout, clearTimeout': [
    [
      'in their order',
      async () => {
        const seen = [];
        setTimeout(() => seen.push('b'), 8);
        setTimeout(() => seen.push('a'), 1);
        clearTimeout(setTimeout(() => seen.push('no'), 2));
        await later(20);
        return seen;
      },
      ['a', 'b'],
    ],
    ['arguments', () => new Promise((go) => setTimeout((a, b) => go([a, b]), 1, 1, 2)), [1, 2]],
  ],
  'setInterval, clearInterval': [
    [
      'three times',
      () =>
        new Promise((go) => {
          let count = 0;
          const id = setInterval(() => {
            if (++count < 3) return;
            clearInterval(id);
            go(count);
          }, 1);
        }),
      3,
    ],
  ],
  setImmediate: [
    [
      'after the present work',
      async () => {
        const seen = [];
        const done = new Promise((go) =>
          setImmediate((word) => {
            seen.push(word);
            go();
          }, 'later'),
        );
        clearImmediate(setImmediate(() => seen.push('no')));
        seen.push('now');
        await done;
        return seen;
      },
      ['now', 'later'],
    ],
  ],
  queueMicrotask: [
    [
      'before timers',
      async () => {
        const seen = [];
        setTimeout(() => seen.push('t'), 0);
        queueMicrotask(() => seen.push('m'));
        await later(5);
        return seen;
      },
      ['m', 't'],
    ],
  ],
  'scheduler.wait': [['a time', () => scheduler.wait(1).then(() => 'after'), 'after']],
  'Event, EventTarget, CustomEvent': [
    [
      'once',
      () => {
        const seen = [];
        const target = new EventTarget();
        target.addEventListener('x', (e) => seen.push(e.detail), { once: true });
        target.dispatchEvent(new CustomEvent('x', { detail: 1 }));
        target.dispatchEvent(new CustomEvent('x', { detail: 2 }));
        return seen;
      },
      [1],
    ],
    [
      'signal',
      () => {
        let count = 0;
        const stop = new AbortController();
        const target = new EventTarget();
        target.addEventListener('x', () => count++, { signal: stop.signal });
        stop.abort();
        target.dispatchEvent(new Event('x'));
        return count;
      },
      0,
    ],
    [
      'preventDefault',
      () => {
        const target = new EventTarget();
        target.addEventListener('x', (e) => e.preventDefault());
        return target.dispatchEvent(new Event('x', { cancelable: true }));
      },
      false,
    ],
    [
      'handleEvent',
      () => {
        let type;
        const target = new EventTarget();
        target.addEventListener('x', {
          handleEvent: (e) => {
            type = e.type;
          },
        });
        target.dispatchEvent(new Event('x'));
        return type;
      },
      'x',
    ],
  ],
  'MessageEvent, ErrorEvent, CloseEvent': [
    [
      'their fields',
      () => [
        new MessageEvent('m', { data: 1 }).data,
        new ErrorEvent('e', { message: 'a' }).message,
        new CloseEvent('c', { code: 1001 }).code,
      ],
      [1, 'a', 1001],
    ],
  ],
  AbortController: [
    [
      'a reason',
      () => {
        const stop = new AbortController();
        stop.abort('why');
        return [stop.signal.aborted, stop.signal.reason];
      },
      [true, 'why'],
    ],
    ['throwIfAborted', () => nameOf(() => AbortSignal.abort().throwIfAborted()), 'AbortError'],
    [
      'onabort',
      () => {
        let seen;
        const stop = new AbortController();
        stop.signal.onabort = (e) => {
          seen = e.type;
        };
        stop.abort();
        return seen;
      },
      'abort',
    ],
  ],
  'AbortSignal.timeout': [
    [
      'its reason',
      () =>
        new Promise((go) => {
          const signal = AbortSignal.timeout(2);
          signal.addEventListener('abort', () => go(signal.reason.name));
        }),
      'TimeoutError',
    ],
  ],
  'AbortSignal.any': [
    [
      'the first of several',
      () => {
        const stop = new AbortController();
        const any = AbortSignal.any([new AbortController().signal, stop.signal]);
        stop.abort('why');
        return any.reason;
      },
      'why',
    ],
  ],
  'MessageChannel, MessagePort': [
    [
      'a message',
      () =>
        new Promise((go) => {
          const { port1, port2 } = new MessageChannel();
          port2.onmessage = (e) => go(e.data);
          port1.postMessage({ a: new Map([[1, 2]]) });
        }).then((data) => data.a.get(1)),
      2,
    ],
    [
      'start and close',
      () =>
        new Promise((go) => {
          const { port1, port2 } = new MessageChannel();
          port2.addEventListener('message', (e) => {
            port2.close();
            go(e.data);
          });
          port2.start();
          port1.postMessage('a');
        }),
      'a',
    ],
  ],
  BroadcastChannel: [['a channel', () => new BroadcastChannel('a').name, 'a']],
  structuredClone: [
    [
      'objects, dates, maps, sets, expressions',
      () => {
        const { a, b, c, d } = structuredClone({ a: new Date(5), b: new Map([[1, 2]]), c: new Set([3]), d: /x/g });
        return [a.getTime(), b.get(1), c.has(3), d.flags];
      },
      [5, 2, true, 'g'],
    ],
    [
      'cycles',
      () => {
        const one = {};
        one.self = one;
        const copy = structuredClone(one);
        return copy.self === copy && copy !== one;
      },
      true,
    ],
    [
      'errors',
      () => {
        const copy = structuredClone(new RangeError('a', { cause: 1 }));
        return [copy instanceof RangeError, copy.message, copy.cause];
      },
      [true, 'a', 1],
    ],
    ['bytes', () => [...structuredClone(new Uint8Array([1, 2, 3]).subarray(1))], [2, 3]],
    [
      'transfer',
      () => {
        const buffer = new ArrayBuffer(4);
        const copy = structuredClone(buffer, { transfer: [buffer] });
        return [buffer.byteLength, copy.byteLength];
      },
      [0, 4],
    ],
    ['functions are refused', () => nameOf(() => structuredClone(() => 1)), 'DataCloneError'],
  ],
  'structuredClone: Blob and File': [['a blob', () => structuredClone(new Blob(['a'])).text(), 'a']],
  DOMException: [
    [
      'name and code',
      () => {
        const e = new DOMException('a', 'AbortError');
        return [e.name, e.code, e instanceof Error];
      },
      ['AbortError', 20, true],
    ],
  ],
  reportError: [['takes an error', () => reportError(new Error('a')) ?? 'reported', 'reported']],
  'performance.now, timeOrigin': [
    [
      'now',
      async () => {
        const before = performance.now();
        await later(3);
        return performance.now() > before;
      },
      true,
    ],
    ['timeOrigin', () => Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 60_000, true],
    ['toJSON', () => typeof performance.toJSON(), 'object'],
  ],
  'performance.mark, measure': [
    [
      'a measure',
      async () => {
        performance.mark('a', { detail: 1 });
        await later(3);
        performance.mark('b');
        return performance.measure('m', 'a', 'b').duration >= 0;
      },
      true,
    ],
    [
      'entries',
      () => {
        performance.mark('one');
        const all = performance.getEntriesByName('one').map(({ name, entryType }) => [name, entryType]);
        performance.clearMarks('one');
        return [all, performance.getEntriesByType('mark').filter(({ name }) => name === 'one').length];
      },
      [[['one', 'mark']], 0],
    ],
  ],
  PerformanceObserver: [
    [
      'marks',
      () =>
        new Promise((go) => {
          new PerformanceObserver((list) => go(list.getEntries()[0].name)).observe({ entryTypes: ['mark'] });
          performance.mark('seen');
          setTimeout(go, 50, 'none');
        }),
      'seen',
    ],
  ],
  'console: log, info, debug, warn, error, trace, assert': [
    [
      'they write',
      () => {
        for (const name of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'assert']) console[name]('a');
        return 'written';
      },
      'written',
    ],
  ],
  'console: group, count, time, table, dir': [
    [
      'they write',
      () => {
        console.group('a');
        console.count();
        console.countReset();
        console.time();
        console.timeLog();
        console.timeEnd();
        console.table([{ a: 1 }]);
        console.dir({ a: 1 });
        console.groupEnd();
        return 'written';
      },
      'written',
    ],
  ],
  'self, globalThis': [['the same', () => self === globalThis, true]],
  'navigator.userAgent': [['a text', () => navigator.userAgent.length > 3, true]],
  'navigator.hardwareConcurrency, language': [
    ['values', () => [navigator.hardwareConcurrency >= 1, typeof navigator.language], [true, 'string']],
  ],
  'import(): a module of the bundle': [
    ['a constant name', () => import('./imported.js').then((m) => m.word), 'imported'],
  ],
  'import(): a name made at run time': [
    ['a computed name', (_, name = ['./imp', 'orted.js'].join('')) => import(name).then((m) => m.word), 'imported'],
  ],
  // biome-ignore lint/security/noGlobalEval: it is what the row is about
  eval: [['an expression', () => globalThis.eval('1 + 1'), 2]],
  'new Function': [['a function', () => new Function('a', 'return a + 1')(1), 2]],
  'WebAssembly.Module, Instance': [
    [
      'an empty module',
      () =>
        new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))) instanceof
        WebAssembly.Instance,
      true,
    ],
  ],
  'WebAssembly.compile, instantiate': [
    [
      'an empty module',
      () =>
        WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(({ instance }) => typeof instance),
      'object',
    ],
  ],
  Worker: [['a worker', () => typeof new Worker('data:text/javascript,'), 'object']],
  localStorage: [
    [
      'an entry',
      () => {
        localStorage.setItem('a', '1');
        return localStorage.getItem('a');
      },
      '1',
    ],
  ],
  indexedDB: [['open', () => typeof indexedDB.open('a'), 'object']],
  HTMLRewriter: [
    [
      'a rewriter',
      () =>
        new HTMLRewriter()
          .on('a', { element: (e) => e.setAttribute('b', 'c') })
          .transform(new Response('<a></a>'))
          .text(),
      '<a b="c"></a>',
    ],
  ],
};
