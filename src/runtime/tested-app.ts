// An app as a test that is a component reaches it: loaded with the first request, so that variables may be set before,
// with outbound HTTP that the test answers and stores whose calls are kept.
import { readAll } from '../host/bytes-body.ts';
import type { HttpRequest, HttpResponse } from '../host/http-message.ts';
import type { StoreCall, TestAnswer, TestHarness } from '../host/test-harness.ts';
import type { HttpDispatcher } from '../triggers/http/dispatcher.ts';
import type { OutboundAnswer, OutboundRequest, VirtualSurroundings } from './virtual.ts';

interface LoadedTested {
  readonly http: HttpDispatcher | undefined;
  close(): Promise<void>;
}

/** What the app is loaded with. */
export interface TestedSurroundings {
  /** Grows while the test runs. */
  readonly variables: Readonly<Record<string, string>>;
  readonly virtual: VirtualSurroundings;
}

const client = { clientAddress: '127.0.0.1:0' };

export class TestedApp implements TestHarness {
  readonly calls = new Map<string, StoreCall[]>();
  /** Requests that the test has no answer for, for people. */
  readonly unanswered: string[] = [];
  readonly #variables: Record<string, string> = Object.create(null);
  readonly #answers = new Map<string, Promise<OutboundAnswer> | 'echo'>();
  readonly #load: (surroundings: TestedSurroundings) => Promise<LoadedTested>;
  #app: Promise<LoadedTested> | undefined;

  constructor(load: (surroundings: TestedSurroundings) => Promise<LoadedTested>) {
    this.#load = load;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.#app ??= this.#load({ variables: this.#variables, virtual: this.#virtual });
    const { http } = await this.#app;
    if (!http) throw new Error('no HTTP request can reach the app');
    return http.handle(request, client);
  }

  answer(url: string, answer: TestAnswer): void {
    this.#answers.set(normal(url), answer === 'echo' ? answer : wholeAnswer(answer));
  }

  setVariable(name: string, value: string): void {
    this.#variables[name] = value;
  }

  async close(): Promise<void> {
    await (await this.#app?.catch(() => undefined))?.close();
  }

  get #virtual(): VirtualSurroundings {
    return {
      answer: (request) => this.#answerTo(request),
      record: (label, call) => {
        const known = this.calls.get(label);
        if (known) known.push(call);
        else this.calls.set(label, [call]);
      },
    };
  }

  async #answerTo({ method, url, headers, body }: OutboundRequest): Promise<OutboundAnswer | undefined> {
    const found = await this.#answers.get(normal(url));
    if (found === undefined) this.unanswered.push(`${method} ${url}`);
    return found === 'echo' ? { status: 200, headers: echoed(headers), body } : found;
  }
}

/** Two texts of one URL are alike then; what is no URL stays what it is. */
function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** The body of an answer that was given once, for as many requests as there are. */
async function wholeAnswer({ status, headers, body }: Exclude<TestAnswer, 'echo'>): Promise<OutboundAnswer> {
  return { status, headers, body: body ? await readAll(body, () => {}) : new Uint8Array() };
}

function echoed(headers: OutboundRequest['headers']): OutboundAnswer['headers'] {
  return headers.filter(([name]) => name !== 'host');
}
