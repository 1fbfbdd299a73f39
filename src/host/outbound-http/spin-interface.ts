// fermyon:spin/http: requests as Spin's SDKs up to 1.5 send them, each with its whole body as one value, and so is the
// answer. It uses the state of the service `wasi`, so that what both ways out hold and pass on is counted together.
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { bytesBody, readAll } from '../bytes-body.ts';
import { textOfValue, valueOfText } from '../field-text.ts';
import { type HeaderList, HttpError, type HttpRequest, type SendRequest } from '../http-message.ts';
import { isToken, parseAuthority } from '../http-syntax.ts';
import type { Refusals } from '../network/refusals.ts';
import { defineInterface, lending, type SandboxContext, suspending } from '../service.ts';
import signatures from './signatures.json' with { type: 'json' };

export interface SpinHttpState {
  readonly configured: { readonly sendRequest: SendRequest | undefined };
  readonly hops: number;
  readonly propagation: SandboxContext['propagation'];
  readonly signal: AbortSignal;
  readonly httpLimits: HeldLimits;
  readonly refusals?: Refusals | undefined;
}

interface HeldLimits {
  /** Counts what the host holds. Throws a Trap at its limit. */
  readonly held?: { add(bytes: number): void } | undefined;
}

export interface SpinRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly params: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

interface SpinResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[] | undefined;
  readonly body: Uint8Array | undefined;
}

type SpinHttpError = 'destination-not-allowed' | 'invalid-url' | 'runtime-error' | 'too-many-requests';
type Answer = Result<SpinResponse, SpinHttpError>;

/** The host name that stands for the app itself, as `send` knows it. */
const SELF = 'self.alt';

export const spinHttpInterface = defineInterface<SpinHttpState>('wasi', 'fermyon:spin/http', undefined, {
  signatures: signatures['fermyon:spin/http'],
  functions: {
    'send-request': lending<SpinHttpState, Answer, [SpinRequest]>(suspending(send), (answer) => giveBack(answer)),
  },
});

/** What each answer was counted for, until the guest has its copy. */
const counted = new WeakMap<Answer, { held: HeldLimits['held']; bytes: number }>();

function giveBack(answer: Answer): void {
  const count = counted.get(answer);
  count?.held?.add(-count.bytes);
}

async function send(state: SpinHttpState, given: SpinRequest): Promise<Answer> {
  const { sendRequest } = state.configured;
  if (sendRequest === undefined) return err('destination-not-allowed');
  const target = targetOf(given.uri);
  if (target === undefined) return err('invalid-url');
  const headers = headersOf(given.headers);
  if (headers === undefined) return err('runtime-error');
  const { held } = state.httpLimits;
  let bytes = 0;
  const count = (more: number): void => {
    held?.add(more);
    bytes += more;
  };
  try {
    count(sizeOf(headers) + given.uri.length + (given.body?.length ?? 0));
    const request: HttpRequest = {
      ...target,
      method: given.method.toUpperCase(),
      headers,
      body: given.body && bytesBody(given.body),
      hops: state.hops + 1,
      propagation: state.propagation,
    };
    const response = await sendRequest(request, { signal: state.signal, refusals: state.refusals });
    count(sizeOf(response.headers));
    const body = await readAll(response.body, count);
    const answer = ok({ status: response.status, headers: response.headers.map(asText), body });
    counted.set(answer, { held, bytes });
    return answer;
  } catch (error) {
    held?.add(-bytes);
    if (error instanceof HttpError) return err(errorOf(error));
    throw error;
  }
}

function sizeOf(headers: HeaderList): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

function asText([name, value]: HeaderList[number]): readonly [string, string] {
  return [name, textOfValue(value)];
}

type Target = Pick<HttpRequest, 'scheme' | 'authority' | 'target'>;

/**
 * The target of a URI. A path is one of the app itself. A URL with a user, without a host, or of another scheme is no
 * target.
 */
function targetOf(uri: string): Target | undefined {
  if (uri.startsWith('/')) return isTarget(uri) ? { scheme: 'http', authority: SELF, target: uri } : undefined;
  const [, scheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(uri) ?? [];
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  if (!parseAuthority(authority)?.host || !isTarget(target)) return undefined;
  return { scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', authority, target };
}

function isTarget(text: string): boolean {
  return /^\/[!"$-~]*$/.test(text);
}

/** The fields of the connection and of the framing, which are the host's. */
const ours: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers to send; undefined when a name or value cannot be sent. */
function headersOf(given: SpinRequest['headers']): HeaderList | undefined {
  const headers: (readonly [string, string])[] = [];
  for (const [name, text] of given) {
    const value = valueOfText(text);
    if (!isToken(name) || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (!ours.has(key)) headers.push([key, value]);
  }
  return headers;
}

function errorOf({ code }: HttpError): SpinHttpError {
  if (code === 'HTTP-request-denied') return 'destination-not-allowed';
  if (code === 'HTTP-request-URI-invalid') return 'invalid-url';
  return code === 'connection-limit-reached' ? 'too-many-requests' : 'runtime-error';
}
