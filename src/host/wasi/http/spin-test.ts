// Requests of a test to the app that it tests, and answers to the requests of that app: what the plugin spin-test calls
// http-helper, http-handler and, as an import, incoming-handler.
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import type { Result } from '../../../component/types/val-type.ts';
import type { HttpRequest, HttpResponse } from '../../http-message.ts';
import { defineInterface, resource, suspending } from '../../service.ts';
import type { TestHarness } from '../../test-harness.ts';
import type { ErrorCode } from './error-code.ts';
import type { ResponseOutparam } from './incoming.ts';
import type { IncomingBody } from './incoming-body.ts';
import { IncomingRequest } from './incoming-request.ts';
import { IncomingResponse, received } from './incoming-response.ts';
import { methodToText, schemeToText } from './message-line.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { OutgoingResponse } from './outgoing-response.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

/** Where a test gets the app's answer from. */
class ResponseReceiver {
  response: HttpResponse | undefined;
}

/** Stands for a response-outparam; the host answers, and never the test. */
class ReceiverOutparam implements ResponseOutparam {
  readonly receiver: ResponseReceiver;

  constructor(receiver: ResponseReceiver) {
    this.receiver = receiver;
  }

  set(response: Result<OutgoingResponse, ErrorCode>): void {
    if (response.tag === 'err') return;
    const { status, headers, body } = response.val;
    this.receiver.response = { status, headers: headers.list, body: body?.source() };
  }
}

type Handler = { readonly tag: 'echo' } | { readonly tag: 'response'; readonly val: OutgoingResponse };

const own = (name: string): string => `own<wasi:http/types/${name}>`;
const RECEIVER = 'fermyon:spin-test/http-helper/response-receiver';

export function spinTestHttp(harness: Pick<TestHarness, 'request' | 'answer'>) {
  const helper = defineInterface<HttpOwner>('wasi', 'fermyon:spin-test/http-helper', undefined, {
    signatures: {
      'new-request': `func(${own('outgoing-request')}, option<${own('incoming-body')}>) -> ${own('incoming-request')}`,
      'new-response': `func() -> tuple<${own('response-outparam')}, own<${RECEIVER}>>`,
      '[method]response-receiver.get': `func(borrow<${RECEIVER}>) -> option<${own('incoming-response')}>`,
    },
    resources: [resource('response-receiver')],
    functions: {
      'new-request': newRequest,
      'new-response': () => {
        const receiver = new ResponseReceiver();
        return [new ReceiverOutparam(receiver), receiver];
      },
      '[method]response-receiver.get': takeResponse,
    },
  });
  const incomingHandler = defineInterface<HttpOwner>('wasi', 'wasi:http/incoming-handler', '0.2.0', {
    signatures: { handle: `func(${own('incoming-request')}, ${own('response-outparam')})` },
    functions: {
      handle: suspending(async (_owner: HttpOwner, { request }: IncomingRequest, outparam: ResponseOutparam) => {
        const response = await harness.request(request);
        if (outparam instanceof ReceiverOutparam) outparam.receiver.response = response;
        else response.body?.cancel();
      }),
    },
  });
  const handler = defineInterface<HttpOwner>('wasi', 'fermyon:spin-wasi-virt/http-handler', undefined, {
    signatures: { 'set-response': `func(string, variant{echo, response(${own('outgoing-response')})})` },
    functions: {
      'set-response': (_owner, url: string, given: Handler) => {
        if (given.tag === 'echo') harness.answer(url, 'echo');
        else {
          const { status, headers, body } = given.val;
          harness.answer(url, { status, headers: headers.list, body: body?.source() });
        }
      },
    },
  });
  return [helper, incomingHandler, handler];
}

/** What the test leaves out is that of a client at home. */
function newRequest(_owner: HttpOwner, outgoing: OutgoingRequest, body: IncomingBody | undefined): IncomingRequest {
  const { scheme, authority = 'localhost', path = '/' } = outgoing;
  const request: HttpRequest = {
    method: methodToText(outgoing.method) ?? 'GET',
    scheme: (scheme && schemeToText(scheme)) ?? 'http',
    authority,
    target: path.startsWith('/') ? path : `/${path}`,
    headers: [['host', authority], ...outgoing.headers.list.filter(([name]) => name !== 'host')],
    body: body ? body.handOver() : outgoing.body?.source(),
  };
  outgoing.releaseHead();
  return new IncomingRequest(request);
}

function takeResponse(owner: HttpOwner, receiver: ResponseReceiver): IncomingResponse | undefined {
  const { response } = receiver;
  receiver.response = undefined;
  if (!response) return undefined;
  const limits = httpLimitsOf(owner);
  const arrived = received(response, limits, new HeldBytes(limits.held));
  return arrived && new IncomingResponse(owner, arrived.response, arrived.headers);
}
