// Sends a made-up request that a component answers before its image is taken.
import type { HttpResponse } from '../../host/http-message.ts';
import type { Guest } from '../../invocation/exchange.ts';
import type { WarmAnswer } from '../trigger.ts';
import type { HttpEntry } from './entry.ts';
import { createHandler } from './handler.ts';

/** Sends the request. Resolves when the whole answer is there. */
export async function warmByRequest(guest: Guest, entry: HttpEntry, target: string): Promise<WarmAnswer> {
  const handler = createHandler(guest, entry);
  const headers = [['host', 'localhost']] as const;
  const request = { method: 'GET', scheme: 'http', authority: 'localhost', target, headers, body: undefined } as const;
  const response = await handler(request, { clientAddress: '127.0.0.1:0' });
  await drain(response);
  return { isFailure: response.status >= 500, words: `"${target}" was answered with ${response.status}` };
}

async function drain({ body }: HttpResponse): Promise<void> {
  while (body && (await body.read()) !== undefined);
}
