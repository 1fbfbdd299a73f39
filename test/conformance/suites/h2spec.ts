// summerwind/h2spec, a client that sends what HTTP/2 allows and what it forbids, against our server: on a plain port, and
// over TLS.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { bytesBody } from '../../../src/host/bytes-body.ts';
import { certificate, key } from '../../../src/host/outbound-http/certificate.fixture.ts';
import { dispatcherOf } from '../../../src/triggers/http/app.test-kit.ts';
import { createHttpServer, type HttpServerOptions } from '../../../src/triggers/http/server.ts';
import { h2spec as built } from '../h2spec/build.ts';
import type { Case, Suite } from '../suite.ts';

/** Milliseconds that an answer takes. */
const ANSWER_MS = 50;

export const h2spec: Suite = {
  name: 'h2spec',
  needsNoCheckout: true,
  async *run(_, only) {
    const program = built();
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-h2spec-'));
    try {
      const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
      writeFileSync(files.cert, certificate);
      writeFileSync(files.key, key);
      const report = join(folder, 'report.xml');
      for (const [name, options, flags] of [
        ['plain', { http2: true }, []],
        ['tls', { certificates: [files] }, ['--tls', '--insecure']],
      ] as const) {
        await runAgainst(program, options, [...flags, '--junit-report', report]);
        for (const one of readReport(readFileSync(report, 'utf8'), name)) if (one.id.includes(only)) yield one;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Resolves when the program has ended; it exits with 1 when a case fails. */
async function runAgainst(
  program: string,
  options: Partial<HttpServerOptions>,
  flags: readonly string[],
): Promise<void> {
  const dispatcher = dispatcherOf(async ({ body }) => {
    while (await body?.read());
    // Some cases send on while their request is being answered.
    await setTimeout(ANSWER_MS);
    return { status: 200, headers: [], body: bytesBody(Buffer.from('hello, world')) };
  });
  const server = createHttpServer({ ...options, dispatcher });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  await new Promise((ended) => {
    execFile(program, ['--strict', '--port', String(port), ...flags], { maxBuffer: 2 ** 26 }, ended);
  });
  await server.stop({ timeoutMs: 0 });
}

/** Reads a report in the format of JUnit. Cases have no numbers there: they are counted in each section. */
function readReport(xml: string, name: string): Case[] {
  const counts = new Map<string, number>();
  const cases = xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  return [...cases].map(([, section = '', title = '', inside = '']) => {
    const number = (counts.get(section) ?? 0) + 1;
    counts.set(section, number);
    const id = `${name}/${section}/${number}`;
    if (/<skipped/.test(inside)) return { id, status: 'skipped', reason: title };
    return /<(?:failure|error)/.test(inside) ? { id, status: 'failed', reason: title } : { id, status: 'passed' };
  });
}
