// A client for tests that writes bytes as they are and splits what comes back, well-behaved or not. It never waits for
// ever, and says what it waited for.
import { connect, type Socket } from 'node:net';
import { within } from './wait.test-kit.ts';

export class RawClient {
  readonly #socket: Socket;
  #received = '';
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, paused: boolean) {
    this.#socket = socket;
    if (!paused)
      socket.setEncoding('latin1').on('data', (text: string) => this.#changed(() => (this.#received += text)));
    socket.on('error', (error) => this.#changed(() => (this.#failure = error)));
    socket.on('close', () => this.#changed(() => (this.#ended = true)));
  }

  static connect(port: number, options: { paused?: boolean } = {}): Promise<RawClient> {
    const connected = new Promise<RawClient>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket, options.paused ?? false));
      });
    });
    return within(connected, `a connection to port ${port}`);
  }

  /** Sends data. False when the bytes wait in this process since the server does not take them. */
  send(data: string | Uint8Array): boolean {
    return typeof data === 'string' ? this.#socket.write(data, 'latin1') : this.#socket.write(data);
  }

  /** What came, and was not read yet. */
  get received(): string {
    return this.#received;
  }

  get waiting(): number {
    return this.#socket.writableLength;
  }

  close(): void {
    this.#socket.destroy();
  }
  reset(): void {
    this.#socket.resetAndDestroy();
  }
  halfClose(): void {
    this.#socket.end();
  }

  /** Reads everything up to `mark`, inclusive. */
  async until(mark: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(mark);
      if (at !== -1) return this.#take(at + mark.length);
      if (this.#failure) throw this.#failure;
      if (this.#ended) throw new Error(`connection ended after ${JSON.stringify(this.#received)}`);
      await this.#change(JSON.stringify(mark));
    }
  }

  /** Reads the next response, whose chunks are put together to its body. */
  async response(): Promise<{ head: string; body: string }> {
    const head = (await this.until('\r\n\r\n')).slice(0, -4);
    const length = /\r\ncontent-length: (\d+)/i.exec(head);
    if (length) return { head, body: await this.#bytes(Number(length[1])) };
    // Node's own answers to bytes that it cannot parse have no length, and end with the connection.
    if (!/\r\ntransfer-encoding: chunked/i.test(head)) return { head, body: await this.end() };
    let body = '';
    for (;;) {
      const size = Number.parseInt(await this.until('\r\n'), 16);
      const chunk = await this.#bytes(size + 2);
      if (size === 0) return { head, body };
      body += chunk.slice(0, -2);
    }
  }

  /** Reads everything until the server closes. Rejects when it resets the connection. */
  async end(): Promise<string> {
    while (!this.#ended) await this.#change('the end of the connection');
    if (this.#failure) throw this.#failure;
    return this.#take(this.#received.length);
  }

  async #bytes(count: number): Promise<string> {
    while (this.#received.length < count) {
      if (this.#ended) throw new Error(`connection ended ${count - this.#received.length} bytes early`);
      await this.#change(`${count} bytes of a body`);
    }
    return this.#take(count);
  }

  #take(count: number): string {
    const text = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return text;
  }

  #change(what: string): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return within(changed, () => `${what}; ${this.#received.length} bytes came: ${this.#received.slice(0, 500)}`);
  }

  #changed(change: () => void): void {
    change();
    this.#wake?.();
  }
}
