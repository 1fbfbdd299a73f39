// Breaks in apps, programs, triggers, telemetry and workers that need no test.
import type { KnownSurvivor } from './known-survivor.ts';

export const surroundings: readonly KnownSurvivor[] = [
  {
    file: 'src/app/files/locate.ts',
    change: 'return lstatSync(path, { throwIfNoEntry: false }); → return lstatSync(path, { throwIfNoEntry: true });',
    reason: 'What it throws is caught: it only costs more.',
  },
  {
    file: 'src/app/files/glob.ts',
    change:
      'const listing = attempt(() => opendirSync(folder, { bufferSize: 256 })); → const listing = attempt(() => opendirSync(folder, { bufferSize: 257 }));',
    reason: 'How many entries are read at once, out of sight.',
  },
  {
    file: 'src/app/lock.ts',
    change:
      '...(found && found.warnings.length > 0 ? { fileWarnings: found.warnings } : {}), → ...(found && found.warnings.length > 1 ? { fileWarnings: found.warnings } : {}),',
    reason: 'Only a folder of more than 100,000 files brings a warning.',
  },
  {
    file: 'src/app/files/glob.ts',
    change:
      'for (let next = this.#ahead.pop(); next !== undefined; next = this.#ahead.pop()) { → for (let next = this.#ahead.shift(); next !== undefined; next = this.#ahead.pop()) {',
    reason: 'One folder stands there at the start: it is the first and the last.',
  },
  {
    file: 'src/app/manifest/schema-tools.ts',
    change:
      "else context.issues.push({ code: 'invalid_type', expected: expected as 'string', input: value }); → else context.issues.unshift({ code: 'invalid_type', expected: expected as 'string', input: value });",
    reason: 'It is the only one.',
  },
  {
    file: 'src/triggers/http/router.ts',
    change: 'node.patterns.push(made); → node.patterns.unshift(made);',
    reason: 'They are sorted in the next line, and no two are alike.',
  },
  {
    file: 'src/triggers/http/router.ts',
    change: 'let wildcardFrom = -1; → let wildcardFrom = -2;',
    reason: 'It is read only where a wildcard has set it.',
  },
  {
    file: 'src/app/manifest/schema-tools.ts',
    change:
      "context.issues.push({ code: 'invalid_type', expected: 'record', input: value }); → context.issues.unshift({ code: 'invalid_type', expected: 'record', input: value });",
    reason: 'It is the only one.',
  },
  {
    file: 'src/triggers/http/node-request.ts',
    change: "if (coding === 'chunked') return undefined; → if (false) return undefined;",
    reason: 'It spares most requests the parsing that comes to the same.',
  },
  {
    file: 'src/triggers/http/connection.ts',
    change:
      'const last = this.#inFlight > 0 ? this.#last : undefined; → const last = this.#inFlight >= 0 ? this.#last : undefined;',
    reason: 'An answer that is over was written to its end, or took its connection with it.',
  },
  {
    file: 'src/triggers/http/request-target.ts',
    change:
      'if (host) return { authority: host, path, overrides: false }; → if (host) return { authority: host, path, overrides: true };',
    reason: 'The header would be replaced by itself.',
  },
  {
    file: 'src/triggers/http/cgi/environment.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      'for (const [name, value] of match.params) variables.push([`X_PATH_MATCH_${variableName(name)}`, value]); → for (const [name, value] of match.params) variables.unshift([`X_PATH_MATCH_${variableName(name)}`, value]);',
    reason: 'The order of variables says nothing.',
  },
  {
    file: 'src/triggers/sqs/room.ts',
    change:
      "signal.addEventListener('abort', abort, { once: true }); → signal.addEventListener('abort', abort, { once: false });",
    reason: 'A signal aborts once.',
  },
  {
    file: 'src/triggers/sqs/handle.ts',
    change:
      'const timer = setInterval(hide, (seconds * 1000) / 2); → const timer = setInterval(hide, (seconds * 1000) / 3);',
    reason: 'The message is hidden again earlier than it need be.',
  },
  {
    file: 'src/telemetry/guarded-log.ts',
    change: 'type: printable(error.name, 100), → type: printable(error.name, 101),',
    reason: 'A bound against names without end.',
  },
  {
    file: 'src/script/source-positions.ts',
    change: 'if (!text.includes(this.#name)) return text; → if (false) return text;',
    reason: 'It spares work.',
  },
  {
    file: 'src/workers/worker.ts',
    change:
      'missedHeartbeats += Math.ceil((told.silentMs ?? 0) / limits.heartbeatMs); → missedHeartbeats += Math.floor((told.silentMs ?? 0) / limits.heartbeatMs);',
    reason: 'Of many missed heartbeats one more or less.',
  },
  {
    file: 'src/script/bundle/run-time-imports.ts',
    change: 'places.push({ from: start, to: source.start }); → places.unshift({ from: start, to: source.start });',
    reason: 'The places are sorted before anybody looks at them.',
  },
  {
    file: 'src/triggers/http/log-usage.ts',
    change: 'return Math.round(ms * 1000) / 1000; → return Math.round(ms + 1000) / 1000;',
    reason: 'Times are not the same from run to run; that they are numbers is tried.',
  },
  {
    file: 'src/triggers/handler-call.ts',
    change: 'return Math.round(ms * 1000) / 1000; → return Math.round(ms + 1000) / 1000;',
    reason: 'Times are not the same from run to run; that they are numbers is tried.',
  },
  {
    file: 'src/triggers/redis/connection.ts',
    change: 'if (unanswered > 0 && --unanswered === 0) { → if (unanswered >= 0 && --unanswered === 0) {',
    reason: 'When all are answered nobody reads the number any more.',
  },
  {
    file: 'src/triggers/mqtt/connection.ts',
    change: 'clearTimeout(patience); → ;',
    reason: 'Losing a connection that is lost says nothing; the timer is gone after five seconds.',
  },
  {
    file: 'src/triggers/mqtt/connection.ts',
    change: 'client.reschedulePing(true); → client.reschedulePing(false);',
    reason: 'The client reschedules its questions anyhow, as its options are by default.',
  },
  {
    file: 'src/triggers/sqs/handle.ts',
    change:
      'if (receipt !== undefined) keepHidden(client, receipt, hiddenSeconds, AbortSignal.any([signal, ended.signal])); → if (receipt !== undefined) keepHidden(client, receipt, hiddenSeconds, AbortSignal.any([ended.signal]));',
    reason: 'A handler that is called off ends at once, and the hiding with it.',
  },
  {
    file: 'src/triggers/in-flight.ts',
    change: 'const GIVEN_UP_MS = 1000; → const GIVEN_UP_MS = 1001;',
    reason: 'A millisecond more of a second.',
  },
  {
    file: 'src/telemetry/guarded-log.ts',
    change:
      "Object.entries(fields).map(([key, value]) => [printable(key), key === 'err' ? loggedError(value) : guarded(value)]), → Object.entries(fields).map(([key, value]) => [printable(key), (guarded(value))]),",
    reason: 'Errors under other names are written in the same way.',
  },
  {
    file: 'src/invocation/invocation.ts',
    change:
      "else this.#signal?.addEventListener('abort', this.#callerGone, { once: true }); → else this.#signal?.addEventListener('abort', this.#callerGone, { once: false });",
    reason: 'A signal is aborted once.',
  },
  {
    file: 'src/triggers/http/connection.ts',
    change:
      'if (!this.#broken.includes(res)) this.#broken.push(res); → if (!this.#broken.includes(res)) this.#broken.unshift(res);',
    reason: 'The one whose turn it is takes the connection along; the order of the others says nothing.',
  },
  {
    file: 'src/triggers/http/connection-server.ts',
    change: 'const IDLE_GRACE_MS = 250; → const IDLE_GRACE_MS = 251;',
    reason: 'A millisecond more of a quarter of a second.',
  },
  {
    file: 'src/triggers/redis/connection.ts',
    change: 'isLost = true; → isLost = false;',
    reason: 'The loop has ended by the error, and losing the connection says the same a moment later.',
  },
  {
    file: 'src/triggers/sqs/handle.ts',
    change: 'const DELETE_AFTER_MS = [0, 200, 1_000, 5_000]; → const DELETE_AFTER_MS = [200, 1_000, 5_000];',
    reason: 'A message is deleted a fifth of a second later.',
  },
  {
    file: 'src/triggers/broker-address.ts',
    change:
      'const port = url && (Object.hasOwn(schemes, url.protocol) ? schemes[url.protocol] : undefined); → const port = url && ((schemes[url.protocol]));',
    reason: "A protocol ends with ':', and no name of a prototype does.",
  },
  {
    file: 'src/triggers/keep-connected.ts',
    change:
      'const defaultPauses: Pauses = { firstMs: 100, mostMs: 30_000, wellAfterMs: 10_000 }; → const defaultPauses: Pauses = { firstMs: 100, mostMs: 30001, wellAfterMs: 10_000 };',
    reason: 'A pause of half a minute is a millisecond longer.',
  },
  {
    file: 'src/triggers/keep-connected.ts',
    change:
      'if (performance.now() - since >= this.#pauses.wellAfterMs) failures = 0; → if (performance.now() - since > this.#pauses.wellAfterMs) failures = 0;',
    reason: 'A time.',
  },
  {
    file: 'src/triggers/mqtt/connection.ts',
    change:
      'const pings = setInterval(stayAlive, (keepAliveSeconds * 1000) / 2); → const pings = setInterval(stayAlive, (keepAliveSeconds * 1000) / 3);',
    reason: 'A time: the broker is told sooner than it wants to know.',
  },
  {
    file: 'src/triggers/cron/trigger.ts',
    change:
      'this.#ends.push(follow(schedule, () => this.#tick(trigger, target, own), this.#clock)); → this.#ends.unshift(follow(schedule, () => this.#tick(trigger, target, own), this.#clock));',
    reason: 'All of them are ended together: their order says nothing.',
  },
  {
    file: 'src/registry/oci.ts',
    change: '...(hint !== undefined && { hint }), → ...({ hint }),',
    reason: 'A hint that is undefined is none.',
  },
  {
    file: 'src/registry/download.ts',
    change: '...(cause === undefined ? {} : { cause }), → ...(({ cause })),',
    reason: 'A cause that is undefined is none.',
  },
  {
    file: 'src/registry/app-folders.ts',
    change: 'const MOST_BYTES = 4 * 2 ** 30; → const MOST_BYTES = 4 + 2 ** 30;',
    reason: 'How much is kept on disk; that there is a bound is tried with a smaller one.',
  },
  {
    file: 'src/registry/pull.ts',
    change: 'const MOST_BYTES = 4 * 2 ** 30; → const MOST_BYTES = 4 + 2 ** 30;',
    reason: 'How many gigabytes an app may have; that there is a bound is tried.',
  },
  {
    file: 'src/registry/fetch-blob.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      'const headers = has > 0 ? { range: `bytes=${has}-` } : {}; → const headers = has > 1 ? { range: `bytes=${has}-` } : {};',
    reason: 'A download of which one byte was there begins anew.',
  },
  {
    file: 'src/registry/download.ts',
    change: 'await answer.cancel(); → ;',
    reason: 'The connection is closed by the collector instead.',
  },
];
