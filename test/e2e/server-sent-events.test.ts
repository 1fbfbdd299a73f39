// Server-sent events: each is on the wire when it is written, before the next one is made, from programs in both engines and
// a guest in C, directly and through another component; and a client that leaves ends the guest.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { engineNames } from '../../src/app/script-file.ts';
import { guestPath } from '../guests/build.ts';
import { startTriggers, type TriggerApp } from '../support/trigger-app.ts';
import { within } from '../support/within.ts';

const EVENTS = 5;

const program = `
export default {
  fetch(request) {
    const gate = new URL(request.url).searchParams.get('gate');
    let number = 0;
    const events = new ReadableStream({
      async pull(controller) {
        if (number > 0) await fetch(gate + '?n=' + number);
        number++;
        controller.enqueue(new TextEncoder().encode('data: ' + number + '\\n\\n'));
      },
    });
    return new Response(events, { headers: { 'content-type': 'text/event-stream' } });
  },
};`;

const chain = `
export default {
  fetch(request) {
    const { search, searchParams } = new URL(request.url);
    return fetch('http://' + searchParams.get('to') + '.spin.internal/' + search);
  },
};`;

interface Gate {
  readonly url: string;
  /** Lets the guest go on that has written so many events; waits for its question. */
  open(number: number): Promise<void>;
  /** Resolves when the guest's question, which has no answer, is taken back. */
  abandoned(number: number): Promise<unknown>;
}

/** A server that answers guests when the test says so. */
async function startGate(t: TestContext): Promise<Gate> {
  const questions = new Map<number, PromiseWithResolvers<ServerResponse>>();
  const questionOf = (number: number): PromiseWithResolvers<ServerResponse> => {
    const known = questions.get(number) ?? Promise.withResolvers<ServerResponse>();
    questions.set(number, known);
    return known;
  };
  const server = createServer((req, res) => {
    questionOf(Number(new URL(req.url ?? '', 'http://gate').searchParams.get('n'))).resolve(res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gate`,
    async open(number) {
      (await within(questionOf(number).promise, `the guest to write event ${number}`)).end();
    },
    async abandoned(number) {
      const res = await within(questionOf(number).promise, `the guest to write event ${number}`);
      if (!res.destroyed) await within(once(res, 'close'), 'the guest to end');
    },
  };
}

/** Events as they come. */
class Reader {
  readonly res: IncomingMessage;
  #text = '';

  constructor(res: IncomingMessage) {
    this.res = res;
    res.on('error', () => {});
  }

  next(): Promise<string> {
    return within(this.#next(), 'an event');
  }

  async #next(): Promise<string> {
    for (let end = this.#text.indexOf('\n\n'); ; end = this.#text.indexOf('\n\n')) {
      if (end >= 0) {
        const event = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return event;
      }
      const chunk: unknown = this.res.read();
      if (chunk === null) await once(this.res, 'readable');
      else this.#text += String(chunk);
    }
  }
}

async function start(t: TestContext, engine: string): Promise<TriggerApp> {
  const ids = ['program', 'chain', 'c'];
  const triggers = ids.map((id) => `[[trigger.http]]\nroute = "/${id}"\ncomponent = "${id}"\n`).join('');
  const c = await readFile(await guestPath('events-c'));
  const settings = (id: string): string => {
    const hosts = 'allowed_outbound_hosts = ["http://127.0.0.1:*", "http://*.spin.internal"]';
    return id === 'c' ? hosts : `${hosts}\ntool.mayfly.engine = "${engine}"`;
  };
  return startTriggers(t, { triggers, guests: { program, chain, c }, settings });
}

async function ask(url: string): Promise<Reader> {
  const req = get(url, { agent: false });
  req.on('error', () => {});
  const [res] = (await within(once(req, 'response'), 'the head of the answer')) as [IncomingMessage];
  assert.equal(res.headers['content-type'], 'text/event-stream');
  return new Reader(res);
}

for (const engine of engineNames) {
  test(`${engine}: each event is on the wire before the next is made`, { timeout: 120_000 }, async (t) => {
    const { app } = await start(t, engine);
    for (const path of ['/program?', '/c?', '/chain?to=program&', '/chain?to=c&']) {
      const gate = await startGate(t);
      const reader = await ask(`${app.url}${path}gate=${encodeURIComponent(gate.url)}`);
      for (let number = 1; number <= EVENTS; number++) {
        assert.equal(await reader.next(), `data: ${number}`, path);
        await gate.open(number);
      }
      assert.equal(await reader.next(), `data: ${EVENTS + 1}`);
      // The guest waits, and its client leaves.
      reader.res.destroy();
      await gate.abandoned(EVENTS + 1);
    }
    await within(
      (async () => {
        while (app.pools().some(({ busy }) => busy > 0)) await new Promise((resolve) => setTimeout(resolve, 10));
      })(),
      'all guests to end',
    );
  });
}
