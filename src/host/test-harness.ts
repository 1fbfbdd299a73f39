// What a test that is a component reaches of the app that it tests, and of what surrounds that app. Each service offers a
// part of it to the test, as the plugin spin-test names them.
import type { HttpRequest, HttpResponse } from './http-message.ts';

/** A call of the tested app on a key-value store. */
export type StoreCall =
  | { readonly tag: 'get' | 'delete' | 'exists'; readonly val: string }
  | { readonly tag: 'set'; readonly val: readonly [key: string, value: Uint8Array] }
  | { readonly tag: 'get-keys' };

/** What the test has the world answer: what was sent, or a response of the test's own. */
export type TestAnswer = 'echo' | Pick<HttpResponse, 'status' | 'headers' | 'body'>;

export interface TestHarness {
  /** Sends a request to the app; the first one loads it. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Answers the app's requests to a URL from now on. */
  answer(url: string, answer: TestAnswer): void;
  setVariable(name: string, value: string): void;
  /** The calls of the app so far, by the labels of stores, in their order. */
  readonly calls: Map<string, StoreCall[]>;
}
