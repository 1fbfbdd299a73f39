// `mayfly replay`: an app whose guests get what a recording has in the place of the host, and one request of it, run again.

import type { LockedComponent } from '../app/locked-app.ts';
import { MayflyError, messageOf } from '../errors.ts';
import { bytesBody } from '../host/bytes-body.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../host/http-message.ts';
import type { HostService } from '../host/service.ts';
import type { Guest, GuestExchange } from '../invocation/exchange.ts';
import { invoke } from '../invocation/invocation.ts';
import { type Outcome, RequestContext } from '../sandbox/request-context.ts';
import { readResponse } from '../triggers/http/cgi/response.ts';
import type { HttpHandler } from '../triggers/http/dispatcher.ts';
import type { HttpEntry } from '../triggers/http/entry.ts';
import { createHandler } from '../triggers/http/handler.ts';
import { aroundService } from './around.ts';
import { compareResponse, type PlayedResponse } from './compare-response.ts';
import type { ContextParts, CrossedComponent, Crossing } from './crossing.ts';
import type { Recording } from './format.ts';
import { type Departure, Player, playedCoreFunction, playedFunction } from './player.ts';
import { codeOf } from './recorded-request.ts';
import { bytesOf } from './rendered.ts';
import type { Written, WrittenPiece } from './response-shape.ts';
import { StandIn } from './stand-in.ts';

export interface Played {
  readonly departures: readonly Departure[];
  /** What differs in the response, in words. */
  readonly response: readonly string[];
  /** How the guest ended otherwise than when it was recorded, in words. */
  readonly end: string | undefined;
  readonly calls: number;
  readonly played: PlayedResponse;
}

/** Turns of the event loop, and milliseconds, after which a guest that does nothing is taken to wait for what never comes. */
const STALLED_TURNS = 1_000;
const STALLED_MS = 1_000;

let playbacks = 0;

export class Playback implements Crossing {
  readonly variant = `played-${++playbacks}`;
  readonly #recording: Recording;
  readonly #start: Player;
  #player: Player;
  #digest: string | undefined;
  #outcome: Outcome | undefined;
  readonly #controller = new AbortController();
  /** What is wrong with the recording, where that came to light meanwhile. */
  #broken: unknown;
  readonly #guestEnded = Promise.withResolvers<void>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#start = new Player(recording.init, undefined);
    this.#player = new Player(recording.events, recording.end);
  }

  /** Whether the component was made of the same files as the recorded one. */
  get isSameComponent(): boolean {
    return this.#digest === this.#recording.head.component.digest;
  }

  service(service: HostService): HostService {
    const { name, interfaces, coreModules, standIn } = aroundService(service, {
      func: playedFunction,
      core: playedCoreFunction,
      drop: (name) => (player, object) => (player as Player).drop(name, object),
    });
    // Nothing of the service is opened, and no state of it is made.
    return {
      name,
      interfaces,
      ...(coreModules && { coreModules }),
      ...(standIn && { standIn }),
      configureComponent: () => undefined,
      prepare: () => undefined,
    };
  }

  start(): (...given: ContextParts) => RequestContext<LockedComponent> {
    return (...given) => new PlayedContext(this.#start, undefined, given);
  }

  context(_event: unknown, ...given: ContextParts): RequestContext<LockedComponent> {
    const ended = (outcome: Outcome | undefined): void => {
      this.#outcome = outcome;
      this.#guestEnded.resolve();
    };
    return new PlayedContext(this.#player, ended, given);
  }

  loaded(_guest: Guest, { digest, component, middleware, hasTasks }: CrossedComponent): void {
    const { head, events, end } = this.#recording;
    const { id, middleware: recorded } = head.component;
    if (id !== component.id || middleware.length !== recorded.length) return;
    this.#digest = digest;
    this.#player = new Player(events, end, hasTasks);
  }

  handler(handler: HttpHandler): HttpHandler {
    return handler;
  }

  /** Runs the request. */
  async run(guest: Guest, entry: HttpEntry): Promise<Played> {
    const { response: expected, end } = this.#recording;
    const player = this.#player;
    const played = await this.#driven(this.#respond(guest, entry));
    if (this.#broken !== undefined) throw this.#broken;
    if (isCorrupt(this.#outcome?.error)) throw this.#outcome?.error;
    const actual = this.#outcome?.error && codeOf(this.#outcome.error);
    player.finish(actual);
    const departures = [...this.#start.departures, ...player.departures];
    const same = actual === end.error?.code && (this.#outcome?.exitCode ?? 0) === end.exitCode;
    return {
      departures,
      response: compareResponse(expected, played),
      end: same ? undefined : `the guest ${endedWith(this.#outcome)}, expected that it ${endedWith(recordedEnd(end))}`,
      calls: player.calls,
      played,
    };
  }

  /** Lets the recording go on while the guest waits, until `response` is there. */
  async #driven(response: Promise<PlayedResponse>): Promise<PlayedResponse> {
    let isOver = false;
    const over = response.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    let [seen, since, turns] = [-1, performance.now(), 0];
    while (!isOver) {
      const player = this.#player;
      try {
        player.drain();
      } catch (error) {
        this.#stop(error);
      }
      await new Promise(setImmediate);
      turns++;
      if (player.progress !== seen) [seen, since, turns] = [player.progress, performance.now(), 0];
      else if (player.isAtCutOff && player.cutOff()) continue;
      else if (turns > STALLED_TURNS && performance.now() - since > STALLED_MS && !this.#controller.signal.aborted) {
        if (!player.isAtCutOff) player.stalled();
        this.#stop(undefined);
      }
    }
    return over;
  }

  /** Ends the guest. */
  #stop(reason: unknown): void {
    this.#broken ??= reason;
    this.#controller.abort();
  }

  async #respond(guest: Guest, entry: HttpEntry): Promise<PlayedResponse> {
    try {
      const response = await this.#answer(guest, entry);
      await this.#guestEnded.promise;
      return response;
    } catch (error) {
      return { error: { code: codeOf(error), message: messageOf(error) } };
    }
  }

  async #answer(guest: Guest, entry: HttpEntry): Promise<PlayedResponse> {
    const request = this.#request();
    if (entry.kind === 'inbound-http') {
      const { status, headers, body } = await createHandler(guest, entry)(request, { clientAddress: '' });
      return { status, headers, body: await piecesOf(body) };
    }
    const exchange = (): GuestExchange<PlayedResponse> => new PlayedExchange(this.#player, entry);
    return invoke({ ...guest, ...entry }, request, { signal: this.#controller.signal }, exchange);
  }

  #request(): HttpRequest {
    const { body, ...request } = this.#recording.head.request;
    const bytes = body === undefined ? undefined : bytesOf(body);
    return { ...request, body: bytes && bytesBody(bytes) };
  }
}

/** Whether the guest was ended since the recording gave it what cannot be. */
function isCorrupt(error: unknown): boolean {
  return error instanceof MayflyError && error.code === 'recording-corrupt';
}

async function piecesOf(body: HttpResponse['body']): Promise<WrittenPiece[] | undefined> {
  if (!body) return undefined;
  const pieces: Uint8Array[] = [];
  for (let piece = await body.read(); piece !== undefined; piece = await body.read()) pieces.push(piece.slice());
  return pieces;
}

function recordedEnd({ error, exitCode }: Recording['end']): {
  readonly error?: { readonly code: string } | undefined;
  readonly exitCode: number;
} {
  return { error, exitCode };
}

function endedWith(outcome: { readonly error?: unknown; readonly exitCode: number } | undefined): string {
  if (!outcome) return 'was not started';
  const { error, exitCode } = outcome;
  if (error) return `failed with ${(error as { readonly code?: string }).code ?? codeOf(error)}`;
  return exitCode === 0 ? 'came to its end' : `exited with code ${exitCode}`;
}

/** The player is the state of all services. */
class PlayedContext extends RequestContext<LockedComponent> {
  readonly #player: Player;
  readonly #ended: ((outcome: Outcome | undefined) => void) | undefined;

  /** `ended` is absent for what is no request. */
  constructor(player: Player, ended: ((outcome: Outcome | undefined) => void) | undefined, given: ContextParts) {
    super(...given);
    this.#player = player;
    this.#ended = ended;
  }

  override get turns(): RequestContext['turns'] {
    return this.#ended && this.#player.turns;
  }

  override state(): unknown {
    return this.#player;
  }

  override stateOf(): undefined {
    return undefined;
  }

  override finish(outcome?: Outcome): void {
    super.finish(outcome);
    this.#ended?.(outcome);
  }
}

/** The most bytes of the head of a CGI program, as for a request that is served. */
const MOST_HEAD = 65_536;

/** One call of the guest, whose response is made of what it called. */
class PlayedExchange implements GuestExchange<PlayedResponse> {
  readonly params: readonly unknown[];
  readonly #player: Player;
  readonly #entry: HttpEntry;
  readonly #ended = Promise.withResolvers<PlayedResponse>();

  constructor(player: Player, entry: HttpEntry) {
    this.#player = player;
    this.#entry = entry;
    this.params = paramsOf(entry);
    this.#ended.promise.catch(() => undefined);
  }

  get response(): Promise<PlayedResponse> {
    return this.#ended.promise;
  }

  /** The guest's answer, where that is what it returns. */
  gave(result: unknown): void {
    if (this.#entry.kind === 'handler') this.#player.shape.answer(result);
  }

  end(outcome: Outcome): void {
    this.#respond(outcome).then(this.#ended.resolve, this.#ended.reject);
  }

  async #respond({ error }: Outcome): Promise<PlayedResponse> {
    const { shape } = this.#player;
    // What was read of the guest's streams arrives by promises.
    await new Promise(setImmediate);
    if (this.#entry.kind === 'command') return printed(shape.stdout, error);
    const { response } = shape;
    if (response instanceof Error) throw response;
    if (response === undefined) throw error ?? new HttpError('HTTP-response-incomplete', 'the guest gave no response');
    const { status, headers, body } = response;
    return { status, headers, body: body?.pieces, trailers: body && shape.trailersOf(body) };
  }
}

function paramsOf({ kind }: HttpEntry): readonly unknown[] {
  if (kind === 'incoming-handler') return [new StandIn('incoming-request'), new StandIn('response-outparam')];
  return kind === 'handler' ? [new StandIn('request')] : [];
}

/** What a CGI program printed, as a response. */
async function printed({ pieces }: Written, error: Error | undefined): Promise<PlayedResponse> {
  const left = pieces.filter((piece) => piece instanceof Uint8Array);
  const source = {
    read(): Uint8Array | undefined {
      const piece = left.shift();
      if (piece === undefined && error) throw error;
      return piece;
    },
    cancel(): void {},
  };
  const { status, headers, body } = await readResponse(source, MOST_HEAD);
  return { status, headers, body: await piecesOf(body).catch(() => []) };
}
