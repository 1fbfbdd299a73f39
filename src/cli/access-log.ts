// The access log: a line for each request that is over, in one of three forms. Lines are put together by hand, and many are
// written at once: a request takes tens of microseconds, and its line must not take as long again.

import { hostWithoutPort } from '../authority.ts';
import { codeOf } from '../telemetry/events.ts';
import { printable } from '../telemetry/printable.ts';
import { type FinishedRequest, microseconds, usageFields } from '../telemetry/usage.ts';
import type { Style } from './format-error.ts';
import { jsonText } from './log-json.ts';

export const accessLogFormats = ['short', 'json', 'combined'] as const;
export type AccessLogFormat = (typeof accessLogFormats)[number];

export interface AccessLogOptions {
  readonly format: AccessLogFormat;
  readonly write: (lines: string) => void;
  readonly paint: (style: Style, text: string) => string;
  /** The most lines of a second; of what is beyond only the number is told. Every request has its line by default. */
  readonly mostLines?: number | undefined;
}

/** The most characters of what a client chose, in a line for people. */
const MOST_OF_PATH = 200;
const MOST_OF_FIELD = 1000;
/** Lines that wait for others before they are written together, and for how many milliseconds: each write takes longer than a line. */
const MOST_WAITING = 64;
const WAIT_MS = 20;

/** Gives what is to be told of each request. Requests that components send to one another have no lines. */
export function createAccessLog(options: AccessLogOptions): (request: FinishedRequest) => void {
  const { format, write, paint, mostLines = Number.POSITIVE_INFINITY } = options;
  const form = { short: (one: FinishedRequest) => shortLine(one, paint), json: jsonOf, combined: combinedLine }[format];
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const lines = waiting.join('\n');
    waiting = [];
    write(lines);
  };
  const add = (line: string): void => {
    waiting.push(line);
    if (waiting.length === 1) setTimeout(flush, WAIT_MS).unref();
    else if (waiting.length === MOST_WAITING) flush();
  };
  let inSecond = 0;
  const nextSecond = (): void => {
    if (inSecond > mostLines) add(paint('dim', `… and ${inSecond - mostLines} more requests in this second`));
    inSecond = 0;
  };
  process.on('exit', flush);
  return (request) => {
    if (request.isChained) return;
    if (inSecond === 0 && mostLines !== Number.POSITIVE_INFINITY) setTimeout(nextSecond, 1000).unref();
    inSecond++;
    if (inSecond <= mostLines) add(form(request));
  };
}

/** For people: `GET /hello 200 1.2 ms hello (0.4 ms CPU, 2.0 MiB, 12 host calls, kept sandbox)`. */
function shortLine(request: FinishedRequest, paint: AccessLogOptions['paint']): string {
  const { method, status, totalMs, component, usage, isBroken } = request;
  const style = status >= 500 || isBroken ? 'red' : status >= 400 ? 'bold' : 'cyan';
  const ended = isBroken ? ', broken off' : '';
  const answer = `${printable(method, 32)} ${printable(pathOf(request), MOST_OF_PATH)} ${paint(style, String(status))} ${short(totalMs)} ms${ended}`;
  if (component === undefined) return answer;
  return `${answer} ${component}${usage ? ` ${paint('dim', `(${billOf(usage)})`)}` : ''}`;
}

function billOf({ cpuMs, memoryBytes, hostCalls, isNew }: NonNullable<FinishedRequest['usage']>): string {
  const memory = `${(memoryBytes / 2 ** 20).toFixed(1)} MiB`;
  return `${short(cpuMs)} ms CPU, ${memory}, ${hostCalls} host calls, ${isNew ? 'new' : 'kept'} sandbox`;
}

function short(ms: number): string {
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(0);
}

/**
 * For programs: an object with names as docs/telemetry.md has them. It is written by hand: `JSON.stringify` of so many fields takes
 * ten microseconds.
 */
function jsonOf(request: FinishedRequest): string {
  const { identity, component, clientAddress, protocol, method, route, usage, error } = request;
  const { requestId, traceId, spanId } = identity.fields;
  const text = (name: string, value: string | undefined): string =>
    value === undefined ? '' : `,"${name}":${jsonText(value)}`;
  const used = usage && usageFields(usage);
  return [
    `{"time":"${isoTime(Date.now())}","level":"info","event":"request-answered"`,
    text('component', component),
    text('requestId', requestId),
    text('traceId', traceId),
    text('spanId', spanId),
    text('client', clientAddress),
    text('protocol', protocol),
    text('method', method),
    text('path', pathOf(request)),
    text('route', route),
    `,"status":${request.status},"ms":${microseconds(request.totalMs)},"headMs":${microseconds(request.headMs)}`,
    `,"receivedBytes":${request.receivedBytes},"sentBytes":${request.sentBytes}`,
    request.isBroken ? ',"broken":true' : '',
    text('code', error === undefined ? undefined : codeOf(error)),
    used ? `,"cpuMs":${used.cpuMs},"wallMs":${used.wallMs},"hostCalls":${used.hostCalls}` : '',
    used ? `,"memoryBytes":${used.memoryBytes},"sandbox":"${used.sandbox}"` : '',
    used?.discarded ? ',"discarded":true' : '',
    '}',
  ].join('');
}

let [lastMs, lastIso] = [-1, ''];

/** The same text serves all requests of a millisecond. */
function isoTime(now: number): string {
  if (now !== lastMs) {
    lastMs = now;
    lastIso = new Date(now).toISOString();
  }
  return lastIso;
}

/** The Combined Log Format: https://httpd.apache.org/docs/2.4/logs.html#combined */
function combinedLine(request: FinishedRequest): string {
  const { method, target, protocol = 'HTTP/1.1', status, sentBytes, headers, startedAt } = request;
  const host = hostWithoutPort(request.clientAddress);
  const asked = quoted(`${method} ${target} ${protocol}`);
  const from = quoted(fieldOf(headers, 'referer'));
  const agent = quoted(fieldOf(headers, 'user-agent'));
  return `${host} - - [${clockTime(startedAt)}] ${asked} ${status} ${sentBytes || '-'} ${from} ${agent}`;
}

function fieldOf(headers: FinishedRequest['headers'], wanted: string): string {
  return headers.find(([name]) => name === wanted)?.[1] ?? '-';
}

/** Quotes, backslashes and what does not print are escaped, as Apache and nginx do. */
function quoted(text: string): string {
  const part = text.slice(0, MOST_OF_FIELD);
  return `"${part.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]/g, escapeOf)}"`;
}

function escapeOf(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let [lastSecond, lastTime] = [-1, ''];

/** As in `10/Oct/2026:13:55:36 +0000`. The same text serves all requests of a second. */
function clockTime(startedAt: number): string {
  const second = Math.floor(startedAt / 1000);
  if (second === lastSecond) return lastTime;
  const date = new Date(second * 1000);
  const day = String(date.getUTCDate()).padStart(2, '0');
  lastSecond = second;
  lastTime = `${day}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
  return lastTime;
}

function pathOf({ target }: FinishedRequest): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
