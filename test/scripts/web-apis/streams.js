// Rows of docs/web-apis.md: streams, compression and encodings.
const collect = async (stream) => {
  const all = [];
  for await (const part of stream) all.push(part);
  return all;
};
const bytesOf = async (stream) => [...new Uint8Array(await new Response(stream).arrayBuffer())];
const throughout = async (format, text) =>
  new Response(
    new Blob([text]).stream().pipeThrough(new CompressionStream(format)).pipeThrough(new DecompressionStream(format)),
  ).text();
const broken = (format) =>
  bytesOf(new Blob(['no such data']).stream().pipeThrough(new DecompressionStream(format))).then(
    () => 'read',
    (e) => e.name,
  );
const long = 'a line of text\n'.repeat(1000);

export const streams = {
  ReadableStream: [
    [
      'a source that is pulled',
      () => {
        let count = 0;
        return collect(
          new ReadableStream({
            pull(c) {
              if (count === 3) c.close();
              else c.enqueue(count++);
            },
          }),
        );
      },
      [0, 1, 2],
    ],
    [
      'errors',
      () =>
        new ReadableStream({ start: (c) => c.error(new RangeError('a')) })
          .getReader()
          .read()
          .catch((e) => e.message),
      'a',
    ],
    [
      'cancel',
      async () => {
        let seen;
        await new ReadableStream({
          cancel: (reason) => {
            seen = reason;
          },
        }).cancel('why');
        return seen;
      },
      'why',
    ],
  ],
  'ReadableStream: for await': [
    [
      'all',
      () =>
        collect(
          new ReadableStream({
            start: (c) => {
              c.enqueue(1);
              c.enqueue(2);
              c.close();
            },
          }),
        ),
      [1, 2],
    ],
    [
      'values with preventCancel',
      async () => {
        const stream = new ReadableStream({
          start: (c) => {
            c.enqueue(1);
            c.enqueue(2);
            c.close();
          },
        });
        for await (const _ of stream.values({ preventCancel: true })) break;
        return collect(stream);
      },
      [2],
    ],
  ],
  'ReadableStream.from': [
    ['a list', () => collect(ReadableStream.from([1, 2])), [1, 2]],
    [
      'a generator',
      () =>
        collect(
          ReadableStream.from(
            (async function* () {
              yield 1;
            })(),
          ),
        ),
      [1],
    ],
  ],
  'ReadableStream.tee': [
    [
      'both',
      () =>
        Promise.all(
          new Blob(['ab'])
            .stream()
            .tee()
            .map((one) => new Response(one).text()),
        ),
      ['ab', 'ab'],
    ],
  ],
  'ReadableStream: BYOB': [
    [
      'read into a buffer',
      async () => {
        const reader = new ReadableStream({
          type: 'bytes',
          start: (c) => {
            c.enqueue(new Uint8Array([1, 2, 3]));
            c.close();
          },
        }).getReader({ mode: 'byob' });
        const { value } = await reader.read(new Uint8Array(2));
        return [...value];
      },
      [1, 2],
    ],
    [
      'byobRequest',
      async () => {
        const stream = new ReadableStream({
          type: 'bytes',
          pull(c) {
            c.byobRequest.view[0] = 7;
            c.byobRequest.respond(1);
          },
        });
        const { value } = await stream.getReader({ mode: 'byob' }).read(new Uint8Array(4));
        return [...value];
      },
      [7],
    ],
    [
      'min',
      async () => {
        const reader = new Blob(['abc']).stream().getReader({ mode: 'byob' });
        return (await reader.read(new Uint8Array(3), { min: 3 })).value.length;
      },
      3,
    ],
  ],
  WritableStream: [
    [
      'write and close',
      async () => {
        const seen = [];
        const writer = new WritableStream({
          write: (part) => void seen.push(part),
          close: () => void seen.push('end'),
        }).getWriter();
        await writer.write(1);
        await writer.close();
        return seen;
      },
      [1, 'end'],
    ],
    [
      'abort',
      async () => {
        let seen;
        await new WritableStream({
          abort: (reason) => {
            seen = reason;
          },
        }).abort('why');
        return seen;
      },
      'why',
    ],
  ],
  'TransformStream, pipeThrough, pipeTo': [
    [
      'pipeThrough',
      () =>
        collect(
          ReadableStream.from([1, 2]).pipeThrough(new TransformStream({ transform: (part, c) => c.enqueue(part * 2) })),
        ),
      [2, 4],
    ],
    [
      'pipeTo',
      async () => {
        const seen = [];
        await ReadableStream.from([1, 2]).pipeTo(new WritableStream({ write: (part) => void seen.push(part) }));
        return seen;
      },
      [1, 2],
    ],
    ['the identity', () => collect(ReadableStream.from(['a']).pipeThrough(new TransformStream())), ['a']],
  ],
  'Queuing strategies': [
    ['count', () => new CountQueuingStrategy({ highWaterMark: 2 }).size(), 1],
    ['bytes', () => new ByteLengthQueuingStrategy({ highWaterMark: 2 }).size(new Uint8Array(5)), 5],
  ],
  TextEncoderStream: [
    ['texts', () => bytesOf(ReadableStream.from(['a', 'ä']).pipeThrough(new TextEncoderStream())), [97, 195, 164]],
    [
      'a pair in two pieces',
      () => bytesOf(ReadableStream.from(['\ud83d', '\ude00']).pipeThrough(new TextEncoderStream())),
      [240, 159, 152, 128],
    ],
  ],
  TextDecoderStream: [
    [
      'a character in two pieces',
      async () =>
        (
          await collect(
            ReadableStream.from([new Uint8Array([195]), new Uint8Array([164])]).pipeThrough(new TextDecoderStream()),
          )
        ).join(''),
      'ä',
    ],
    [
      'fatal',
      () =>
        collect(
          ReadableStream.from([new Uint8Array([255])]).pipeThrough(new TextDecoderStream('utf-8', { fatal: true })),
        ).catch((e) => e.name),
      'TypeError',
    ],
  ],
  'CompressionStream and DecompressionStream': [
    ['gzip', () => throughout('gzip', long).then((text) => text === long), true],
    ['deflate', () => throughout('deflate', long).then((text) => text === long), true],
    ['deflate-raw', () => throughout('deflate-raw', long).then((text) => text === long), true],
    [
      'smaller',
      () => bytesOf(new Blob([long]).stream().pipeThrough(new CompressionStream('gzip'))).then((b) => b.length < 200),
      true,
    ],
    [
      'broken data',
      () => Promise.all(['gzip', 'deflate', 'deflate-raw'].map(broken)),
      ['TypeError', 'TypeError', 'TypeError'],
    ],
    [
      'other formats',
      () => {
        try {
          new CompressionStream('zip');
        } catch (e) {
          return e.name;
        }
      },
      'TypeError',
    ],
  ],
  TextEncoder: [
    ['encode', () => [...new TextEncoder().encode('a€\ud800')], [97, 226, 130, 172, 239, 191, 189]],
    ['encodeInto', () => new TextEncoder().encodeInto('aä', new Uint8Array(2)), { read: 1, written: 1 }],
  ],
  'TextDecoder: UTF-8, UTF-16, windows-1252': [
    ['utf-8', () => new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0xff])), 'ä\ufffd'],
    ['utf-16le', () => new TextDecoder('utf-16').decode(new Uint8Array([0xe4, 0])), 'ä'],
    ['utf-16be', () => new TextDecoder('utf-16be').decode(new Uint8Array([0, 0xe4])), 'ä'],
    ['latin1', () => new TextDecoder('latin1').decode(new Uint8Array([0x80, 0xe4])), '€ä'],
    [
      'pieces',
      () => {
        const decoder = new TextDecoder();
        return decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + decoder.decode(new Uint8Array([0xac]));
      },
      '€',
    ],
    [
      'fatal',
      () => {
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xc3]));
        } catch (e) {
          return e.name;
        }
      },
      'TypeError',
    ],
  ],
  'TextDecoder: encodings of one byte': [
    ['iso-8859-2', () => new TextDecoder('iso-8859-2').decode(new Uint8Array([0xb1])), 'ą'],
    ['windows-1251', () => new TextDecoder('windows-1251').decode(new Uint8Array([0xcf])), 'П'],
    ['koi8-r', () => new TextDecoder('koi8-r').decode(new Uint8Array([0xf0])), 'П'],
    ['windows-1253', () => new TextDecoder('windows-1253').decode(new Uint8Array([0xd8, 0xd2])), 'Ψ\ufffd'],
  ],
  'TextDecoder: encodings of several bytes': [
    ['shift_jis', () => new TextDecoder('shift_jis').decode(new Uint8Array([0x82, 0xa0])), 'あ'],
    ['gb18030', () => new TextDecoder('gb18030').decode(new Uint8Array([0xc4, 0xe3])), '你'],
    ['euc-kr', () => new TextDecoder('euc-kr').decode(new Uint8Array([0xb0, 0xa1])), '가'],
  ],
  'atob and btoa': [
    ['both ways', () => [btoa('hi\xff'), atob('aGn/') === 'hi\xff'], ['aGn/', true]],
    ['spaces', () => atob(' aG k= '), 'hi'],
    [
      'wrong characters',
      () => {
        const names = [];
        for (const wrong of [() => btoa('€'), () => atob('a')]) {
          try {
            wrong();
          } catch (e) {
            names.push(e.name);
          }
        }
        return names;
      },
      ['InvalidCharacterError', 'InvalidCharacterError'],
    ],
  ],
  'Uint8Array.fromBase64, toBase64, fromHex, toHex': [
    ['base64', () => new Uint8Array([1, 255]).toBase64({ alphabet: 'base64url', omitPadding: true }), 'Af8'],
    ['from base64', () => [...Uint8Array.fromBase64('AQ==')], [1]],
    ['hex', () => new Uint8Array([1, 255]).toHex(), '01ff'],
    ['from hex', () => [...Uint8Array.fromHex('01ff')], [1, 255]],
  ],
};
