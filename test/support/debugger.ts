// A debugger that speaks the protocol of Node's inspector.
import { within } from '../../src/triggers/http/wait.test-kit.ts';

export type Json = Readonly<Record<string, unknown>>;

export class Debugger {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, (result: Json) => void>();
  readonly #events: { readonly method: string; readonly params: Json }[] = [];
  #wake = Promise.withResolvers<void>();

  static async connect(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    await within(new Promise((resolve) => socket.addEventListener('open', resolve)), 'the inspector');
    return new Debugger(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error, method, params } = JSON.parse(String(data));
      if (id === undefined) this.#events.push({ method, params });
      else this.#calls.get(id)?.(error ? { error } : result);
      this.#wake.resolve();
    });
  }

  call(method: string, params: Json = {}): Promise<Json> {
    const id = this.#calls.size + 1;
    const answer = new Promise<Json>((resolve) => this.#calls.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return within(answer, method);
  }

  async event(method: string, fits: (params: Json) => boolean = () => true): Promise<Json> {
    for (;;) {
      const index = this.#events.findIndex((event) => event.method === method && fits(event.params));
      if (index >= 0) return this.#events.splice(index, 1)[0]?.params ?? {};
      this.#wake = Promise.withResolvers();
      await within(this.#wake.promise, method);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
