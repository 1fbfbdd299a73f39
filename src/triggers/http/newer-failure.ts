// While a newer version of a program cannot be loaded the former one serves, and its pages say so at their end: whoever looks
// at the browser should not wonder why nothing changes.
import type { MayflyError } from '../../errors.ts';
import type { ByteSource, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { escaped } from '../../telemetry/escaped.ts';
import { frameOf, shownPlace } from './code-frame.ts';

/** The response with a notice at the end of its page. Answers that are no pages stay as they are. */
export function withNotice(
  { method }: HttpRequest,
  response: HttpResponse,
  failure: MayflyError | undefined,
): HttpResponse {
  const { headers, body } = response;
  const headerOf = (name: string): string | undefined => headers.find(([one]) => one === name)?.[1];
  const isPage =
    headerOf('content-type')?.startsWith('text/html') === true && headerOf('content-encoding') === undefined;
  if (!failure || !isPage || !body || method === 'HEAD') return response;
  const notice = Buffer.from(noticeOf(failure));
  return {
    ...response,
    headers: headers.map(([name, value]) =>
      name === 'content-length' ? ([name, String(Number(value) + notice.length)] as const) : ([name, value] as const),
    ),
    body: followedBy(body, notice),
  };
}

/** The body, and then these bytes. */
function followedBy(body: ByteSource, last: Uint8Array): ByteSource {
  let rest: Uint8Array | undefined = last;
  const orLast = (chunk: Uint8Array | undefined): Uint8Array | undefined => {
    if (chunk !== undefined) return chunk;
    const end = rest;
    rest = undefined;
    return end;
  };
  return {
    length: body.length === undefined ? undefined : body.length + last.length,
    read() {
      if (rest === undefined) return undefined;
      const chunk = body.read();
      return chunk instanceof Promise ? chunk.then(orLast) : orLast(chunk);
    },
    cancel(reason) {
      rest = undefined;
      body.cancel(reason);
    },
  };
}

function noticeOf(failure: MayflyError): string {
  const problems = failure.problems.length > 0 ? failure.problems : [failure];
  const parts = problems.map(({ message, location, hint }) => {
    const { file, line, column = 1 } = location ?? {};
    const place = file !== undefined && line !== undefined ? { file, line, column } : undefined;
    const lines = [message, place && `  at ${shownPlace(place)}`, place && frameOf(place), hint && `  hint: ${hint}`];
    return lines.filter((one) => one !== undefined && one !== '').join('\n');
  });
  return `
<div style="all:initial;display:block;position:fixed;inset:auto 0 0 0;z-index:2147483647;max-height:50%;overflow:auto;box-sizing:border-box;padding:12px 16px;background:#b3261e;color:#fff;font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap">This is the former version: the new one cannot be loaded.
${escaped(parts.join('\n\n'))}</div>
`;
}
