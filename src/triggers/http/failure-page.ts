// What a developer's browser shows of a request that failed: what went wrong, where, the code there, and how to mend it. Clients
// in production never get it: it is for `mayfly up` at a terminal, and for `--dev`.
import { MayflyError, messageOf } from '../../errors.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import type { HeaderList, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { escaped } from '../../telemetry/escaped.ts';
import type { RecordedLine, RecordedLines } from '../../telemetry/recorded-lines.ts';
import { frameOf, type Place, shownPlace } from './code-frame.ts';
import { withNotice } from './newer-failure.ts';

/** Gives the response that a client gets in the place of a failed one. `error` is absent where a guest answered. */
export type FailurePage = (
  component: string,
  request: HttpRequest,
  response: HttpResponse,
  error?: unknown,
) => HttpResponse;

/** Told of each request that failed. */
export type OnFailure = (error: MayflyError, component: string, request: HttpRequest) => void;

/** Tells of failures, and leaves responses as they are. */
export function failureReports(lines: RecordedLines, onFailure: OnFailure): FailurePage {
  return (component, request, response, error) => {
    const found = lines.of(request.identity?.fields.requestId ?? '');
    if (error === undefined && !isOfEngine(response, found)) return response;
    try {
      onFailure(asMayflyError(found, error), component, request);
    } catch {
      // Whoever is told of errors has to see to its own.
    }
    return response;
  };
}

function asMayflyError(found: readonly RecordedLine[], error: unknown): MayflyError {
  if (error instanceof MayflyError) return error;
  if (error !== undefined) return new MayflyError('guest-error', messageOf(error), { cause: error });
  const output = found.filter(isOutput).map(({ text }) => text);
  const first = output.findLastIndex(beginsError);
  // In Python the calls stand before the error.
  const calls = output.lastIndexOf(PYTHON_CALLS, first);
  const stack = output.slice(calls === -1 ? first : calls);
  return new MayflyError('guest-error', output[first] ?? '', { cause: stack.join('\n') });
}

const PYTHON_CALLS = 'Traceback (most recent call last):';

/** The answer of a program's engine when a handler has thrown, in bytes. */
const ENGINE_ANSWER = String('Internal Server Error'.length);

/**
 * `filesOf` has the absolute paths of the files of a component's program. Of no others the page shows code: the text in which
 * places are looked for comes from the guest. `newer` says why a newer version cannot be loaded, as long as it cannot: pages of the
 * former one tell it below.
 */
export function failurePages(
  lines: RecordedLines,
  filesOf: (component: string) => readonly string[],
  newer: () => MayflyError | undefined = () => undefined,
): FailurePage {
  return (component, request, response, error) => {
    const found = lines.of(request.identity?.fields.requestId ?? '');
    if (error === undefined && !isOfEngine(response, found)) return withNotice(request, response, newer());
    const facts = factsOf(found, error, filesOf(component));
    response.body?.cancel();
    const wantsHtml = request.headers.some(([name, value]) => name === 'accept' && value.includes('text/html'));
    const text = wantsHtml ? asHtml(facts, request, component) : asText(facts);
    const type = wantsHtml ? 'text/html' : 'text/plain';
    const headers: HeaderList = [
      ['content-type', `${type}; charset=utf-8`],
      ['cache-control', 'no-store'],
      ['content-security-policy', "default-src 'none'; style-src 'unsafe-inline'"],
      ...response.headers.filter(([name]) => name === 'retry-after'),
    ];
    return { status: response.status, headers, body: bytesBody(Buffer.from(text)) };
  };
}

/** Whether an engine has answered for a handler that threw; the log then has why. */
function isOfEngine({ status, headers }: HttpResponse, found: readonly RecordedLine[]): boolean {
  const length = headers.find(([name]) => name === 'content-length')?.[1];
  return status === 500 && (length === undefined || length === ENGINE_ANSWER) && found.some(isOutput);
}

const isOutput = ({ event }: RecordedLine): boolean => event === 'guest-output';

interface Facts {
  readonly what: string;
  readonly code: string | undefined;
  readonly place: Place | undefined;
  readonly frame: string | undefined;
  readonly hint: string | undefined;
  readonly lines: readonly string[];
}

function factsOf(found: readonly RecordedLine[], error: unknown, files: readonly string[]): Facts {
  const output = found.filter(isOutput).map(({ text }) => text);
  const place = placeIn([...output, messageOf(error ?? '')].join('\n'), files);
  const own = error instanceof MayflyError ? error : undefined;
  return {
    what: error === undefined ? (output.findLast(beginsError) ?? '') : messageOf(error),
    code: own?.code,
    place,
    frame: place && frameOf(place),
    hint: own?.hint ?? found.findLast(({ event }) => event.endsWith('-denied'))?.text,
    lines: found.map(({ text }) => text),
  };
}

/** Whether a line of an error's text is its first: the others are its stack and what it has for a cause. */
function beginsError(line: string): boolean {
  return /^[^\s[]/.test(line) && !line.startsWith('at ') && line !== 'Stack:';
}

/** The place in one of the files where the innermost call was: in one of the author's own, if there is any. */
function placeIn(text: string, files: readonly string[]): Place | undefined {
  const places: Place[] = [];
  for (const [, file = '', line, column] of text.matchAll(/((?:[A-Za-z]:)?[\\/][^\n():]*):(\d+):(\d+)/g)) {
    if (files.includes(file)) places.push({ file, line: Number(line), column: Number(column) });
  }
  // Python has the innermost call last.
  for (const [, file = '', line] of text.matchAll(/File "([^"\n]+)", line (\d+)/g)) {
    if (files.includes(file)) places.unshift({ file, line: Number(line), column: 1 });
  }
  return places.find(({ file }) => !isOfPackage(file)) ?? places[0];
}

/** In Python packages stand in `packages`, too; in JavaScript that is a name for people's own. */
const isOfPackage = (file: string): boolean =>
  /[\\/](?:node_modules|site-packages)[\\/]|[\\/]packages[\\/].*\.py$/.test(file);

function asText({ what, code, place, frame, hint, lines }: Facts): string {
  const parts = [
    code === undefined ? what : `error[${code}]: ${what}`,
    place && `  at ${shownPlace(place)}`,
    frame && `\n${frame}\n`,
    hint && `  hint: ${hint}`,
    lines.length > 0 ? `\nThe log of this request:\n${lines.join('\n')}` : undefined,
  ];
  return `${parts.filter((part) => part !== undefined).join('\n')}\n`;
}

function asHtml(
  { what, code, place, frame, hint, lines }: Facts,
  { method, target }: HttpRequest,
  component: string,
): string {
  const part = (name: string, text: string | undefined): string =>
    text === undefined || text === '' ? '' : `<${name}>${escaped(text)}</${name}>\n`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(what)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem; color: #222; background: #fff }
h1 { font-size: 1.3rem; white-space: pre-wrap; overflow-wrap: anywhere; color: #b3261e }
pre { padding: 1rem; overflow: auto; background: #f4f4f4; border-radius: 6px; font: 14px/1.5 ui-monospace, monospace }
small { color: #666 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } pre { background: #262626 } h1 { color: #ff8a80 } small { color: #999 } }
</style>
<p><small>${escaped(`${method} ${target} · component ${component}${code === undefined ? '' : ` · ${code}`}`)}</small></p>
${part('h1', what)}${part('p', place && shownPlace(place))}${part('pre', frame)}${part('p', hint)}${
  lines.length > 0 ? `<h2>The log of this request</h2>\n${part('pre', lines.join('\n'))}` : ''
}<p><small>Only developers see this page: it is there at a terminal, and with --dev.</small></p>
</html>
`;
}
