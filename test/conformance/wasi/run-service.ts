// Carries out the operations of one case whose module is an HTTP service: an app of Mayfly that is served and called.
import { request as sendHttp } from 'node:http';
import { lockApp } from '../../../src/app/lock.ts';
import type { LockedApp } from '../../../src/app/locked-app.ts';
import { messageOf } from '../../../src/errors.ts';
import { startApp } from '../../../src/runtime.ts';
import { testLog } from '../../../src/telemetry/log.test-kit.ts';
import type { Outcome } from '../suite.ts';
import { type ServerSpecification, startEndpoints } from './endpoints.ts';
import type { Operation, TestCase } from './specification.ts';

export async function runService(test: TestCase): Promise<Outcome> {
  const endpoints = await startEndpoints((test.raw.servers as readonly ServerSpecification[] | undefined) ?? []);
  const { log, messages } = testLog();
  const environment = { ...test.run.env, ...endpoints.environment };
  try {
    const app = await startApp(open(await lockApp(test.path)), {
      listen: { host: '127.0.0.1', port: 0 },
      log,
      variables: {},
      environment,
    });
    try {
      for (const operation of test.operations) {
        if (operation.type !== 'request') continue;
        const reason = await check(app.url, operation);
        if (reason !== undefined)
          return { status: 'failed', reason: [reason, ...messages('error', 'warn')].join(' | ') };
      }
      return { status: 'passed' };
    } finally {
      await app.stop();
    }
  } catch (error) {
    return { status: 'failed', reason: messageOf(error).split('\n', 1)[0] as string };
  } finally {
    endpoints.close();
  }
}

/** The suite's guests may send requests wherever they want. */
function open(app: LockedApp): LockedApp {
  return { ...app, components: app.components.map((one) => ({ ...one, allowedOutboundHosts: ['*://*:*'] })) };
}

interface Wanted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What was not as expected; undefined when it was. */
async function check(base: string, operation: Operation): Promise<string | undefined> {
  const {
    method = 'GET',
    path = '/',
    headers = {},
    body,
    response = {},
  } = operation as unknown as {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly response?: Wanted;
  };
  const answer = await send(`${base}${path}`, method, headers, body);
  const place = `${method} ${path}`;
  if (answer.status !== (response.status ?? 200)) return `${place}: status ${answer.status}`;
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    if (answer.headers[name.toLowerCase()] !== value) return `${place}: header ${name} is ${answer.headers[name]}`;
  }
  if (response.body !== undefined && answer.body !== response.body)
    return `${place}: body ${JSON.stringify(answer.body)}`;
  return undefined;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function send(url: string, method: string, headers: Record<string, string>, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = sendHttp(url, { method, headers, agent: false }, async (res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of res) chunks.push(chunk as Buffer);
      resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks).toString() });
    });
    req.on('error', reject).end(body);
  });
}
