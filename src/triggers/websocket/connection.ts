// One WebSocket: its messages wait for their turn and are handled one after the other, what is sent to its client is
// bounded, and whoever closes it, the component hears of it last. The protocol is that of the package ws.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { OutgoingMessage, Peer, WebSocketConnection } from '../../host/websocket/connections.ts';
import type { Handler, Handshake } from './handler.ts';
import { HeldShare } from './held.ts';

/** Close codes: RFC 6455, 7.4.1, and IANA's list. */
const closeCodes = { goingAway: 1001, broken: 1006, failed: 1011, later: 1013 } as const;

/** What a message costs the host beside its bytes. */
const MESSAGE_COST = 128;
/** What a piece of what came costs the host beside its bytes, until the message is whole. */
const PIECE_COST = 256;
/** Bytes of a client's frame beside its data, at least. */
const FRAME_BYTES = 6;

/** `readyState` of a WebSocket, as in browsers. */
const OPEN = 1;

interface WaitingMessage {
  readonly data: Buffer;
  readonly isText: boolean;
}

export interface ConnectionOptions {
  readonly handler: Handler;
  /** The route, for the log. */
  readonly name: string;
  readonly topics: readonly string[];
  /** Called once, when the last event of the connection is handled. */
  over(connection: Connection): void;
}

export class Connection implements Peer {
  readonly #options: ConnectionOptions;
  readonly #kept: WebSocketConnection;
  readonly #share: HeldShare;
  #ws: WebSocket | undefined;
  #state: 'opening' | 'open' | 'closing' | 'closed' = 'opening';
  /** What is sent before the connection is open. */
  #early: OutgoingMessage[] | undefined;
  #ending: { readonly code: number; readonly reason: string } | undefined;
  #refusal: number | undefined;
  #waiting: WaitingMessage[] = [];
  #waitingBytes = 0;
  #partBytes = 0;
  /** Bytes of the last piece that came: what is left of it after a message belongs to the next one. */
  #chunkBytes = 0;
  #sendBytes = 0;
  #working: Promise<void> | undefined;
  #isAlive = true;
  #isDraining = false;
  #activeAt = performance.now();

  constructor(options: ConnectionOptions) {
    const { handler } = options;
    this.#options = options;
    this.#share = new HeldShare(handler.held);
    this.#kept = handler.connections.add(handler.component, this, handler.limits);
    handler.count++;
  }

  get isOpen(): boolean {
    if (this.#state === 'opening') return this.#refusal === undefined && this.#ending === undefined;
    // The client's close is known to ws first.
    return this.#state === 'open' && this.#ws?.readyState === OPEN;
  }

  get isOpening(): boolean {
    return this.#state === 'opening';
  }

  /** Asks the component. Gives the status with which the connection is refused; undefined when it may open. */
  async ask(handshake: Handshake, signal: AbortSignal): Promise<number | undefined> {
    const { handler, name, topics } = this.#options;
    for (const topic of topics) handler.connections.subscribe(this.#kept, topic);
    const isWell = await handler.open(name, this.#kept.id, handshake, signal);
    if (isWell && this.#refusal === undefined) return undefined;
    this.#over();
    return isWell ? this.#refusal : 500;
  }

  /** The client has its answer; what was sent to it meanwhile goes out. */
  opened(ws: WebSocket, socket: Socket): void {
    this.#ws = ws;
    this.#state = 'open';
    this.#activeAt = performance.now();
    // Before the listener of ws, which hands out messages at once.
    socket.prependListener('data', (chunk: Buffer) => this.#received(chunk.length));
    ws.on('message', (data, isBinary) => this.#message(data as Buffer, !isBinary));
    ws.on('ping', (data) => this.#taken(data.length));
    ws.on('pong', (data) => {
      this.#isAlive = true;
      this.#taken(data.length);
    });
    // ws closes the connection with the code that fits; there is nothing that anybody could do.
    ws.on('error', () => {});
    ws.on('close', (code, reason) => this.#closed(code, reason.toString()));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const message of early) this.#write(message);
    if (this.#ending) this.#end(this.#ending.code, this.#ending.reason);
  }

  /** The client left before it had its answer, though the component had agreed. */
  lost(): void {
    this.#closed(closeCodes.broken, '');
  }

  send(message: OutgoingMessage): void {
    if (!this.#count(0, 0, message.bytes.byteLength)) {
      this.close(closeCodes.later, 'too slow');
      return;
    }
    if (this.#ws) this.#write(message);
    else {
      this.#early ??= [];
      this.#early.push(message);
    }
  }

  close(code: number, reason: string): void {
    if (this.#state === 'opening') this.#ending ??= { code, reason };
    else this.#end(code, reason);
  }

  refuse(status: number): void {
    this.#refusal ??= status;
  }

  /** Pings the client, or gives it up when it has not answered the last time. */
  beat(now: number): void {
    const ws = this.#ws;
    if (!ws || this.#state !== 'open') return;
    if (now - this.#activeAt >= this.#options.handler.limits.socketIdleMs) {
      this.#end(closeCodes.goingAway, 'idle');
      return;
    }
    // Of a client whose messages wait nothing is read, its answers neither.
    if (ws.isPaused) return;
    if (this.#isAlive) ws.ping();
    else ws.terminate();
    this.#isAlive = false;
  }

  /** Takes no more messages, and closes once those that came are handled. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#ws?.pause();
    await this.#working;
    this.close(closeCodes.goingAway, '');
  }

  terminate(): void {
    this.#ws?.terminate();
  }

  #write({ bytes, isText }: OutgoingMessage): void {
    const { byteLength } = bytes;
    this.#activeAt = performance.now();
    this.#ws?.send(bytes, { binary: !isText }, () => {
      if (this.#state !== 'closed') this.#count(0, 0, -byteLength);
    });
  }

  #end(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#forget();
    this.#ws?.close(code, reason);
    // Its answer has to be read.
    this.#ws?.resume();
  }

  #received(bytes: number): void {
    if (this.#state === 'open' && !this.#count(0, bytes + PIECE_COST, 0)) this.#end(closeCodes.later, 'too much waits');
    this.#chunkBytes = bytes;
  }

  /** So many bytes of what came were a message, or a ping. */
  #taken(bytes: number): void {
    const left = Math.max(0, Math.min(this.#partBytes - bytes - FRAME_BYTES, this.#chunkBytes));
    this.#count(0, left - this.#partBytes, 0);
  }

  #message(data: Buffer, isText: boolean): void {
    this.#isAlive = true;
    this.#activeAt = performance.now();
    this.#taken(data.length);
    if (this.#state !== 'open' || this.#isDraining) return;
    if (!this.#count(data.length + MESSAGE_COST, 0, 0)) {
      this.#end(closeCodes.later, 'too much waits');
      return;
    }
    this.#waiting.push({ data, isText });
    if (this.#isFull) this.#ws?.pause();
    this.#working ??= this.#work();
  }

  get #isFull(): boolean {
    const { socketQueue, socketMessageBytes } = this.#options.handler.limits;
    return this.#waiting.length >= socketQueue || this.#waitingBytes >= socketMessageBytes;
  }

  async #work(): Promise<void> {
    const { handler, name } = this.#options;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { data, isText } = next;
      const isWell = await handler.message(name, this.#kept.id, data, isText);
      this.#count(-data.length - MESSAGE_COST, 0, 0);
      if (!isWell) this.#end(closeCodes.failed, '');
      else if (this.#ws?.isPaused && !this.#isFull && !this.#isDraining) this.#ws.resume();
    }
    this.#working = undefined;
  }

  /** Drops the messages that wait. */
  #forget(): void {
    for (const { data } of this.#waiting.splice(0)) this.#count(-data.length - MESSAGE_COST, 0, 0);
  }

  /** Adds to what is held: of messages that wait, of parts of one, and of what is on its way. False when there is no room. */
  #count(waiting: number, part: number, sent: number): boolean {
    const { socketSendBytes } = this.#options.handler.limits;
    if (sent > 0 && this.#sendBytes + sent > socketSendBytes) return false;
    if (!this.#share.set(this.#share.bytes + waiting + part + sent)) return false;
    this.#waitingBytes += waiting;
    this.#partBytes += part;
    this.#sendBytes += sent;
    return true;
  }

  #closed(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { handler, name } = this.#options;
    this.#early = undefined;
    handler.connections.unsubscribeAll(this.#kept);
    const last = async (): Promise<void> => {
      await this.#working;
      await handler.close(name, this.#kept.id, code, reason);
      this.#over();
    };
    void last();
  }

  #over(): void {
    const { handler, over } = this.#options;
    this.#state = 'closed';
    this.#share.set(0);
    handler.connections.remove(this.#kept);
    handler.count--;
    over(this);
  }
}
