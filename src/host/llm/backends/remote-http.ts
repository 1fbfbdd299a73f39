// Language models behind an HTTP server, in Spin's own form or in that of OpenAI. The server is the operator's choice, and
// gets the token; redirects are not followed, since they would take it elsewhere.
import type { LlmComputeConfig } from '../../../app/runtime-config/runtime-config.ts';
import { messageOf } from '../../../errors.ts';
import type { Caller } from '../../guest-call.ts';
import { jsonWeight } from '../../json-weight.ts';
import {
  type EmbeddingsResult,
  type InferencingParams,
  type InferencingResult,
  type LlmEngine,
  LlmFault,
} from '../engine.ts';
import * as form from './answer-forms.ts';

/** In bytes, of an answer; as in Spin. */
const MOST_RESULT_BYTES = 134_217_728;
const TIMEOUT_MS = 600_000;

export function remoteHttpEngine({ url, authToken, apiType }: LlmComputeConfig, timeoutMs = TIMEOUT_MS): LlmEngine {
  /** `name` is what an error calls the answer; `read` takes it apart, and throws for one of another form. */
  async function ask<T>(
    path: string,
    name: string,
    body: unknown,
    caller: Caller,
    read: (answer: unknown) => T,
  ): Promise<T> {
    const text = JSON.stringify(body);
    caller.keep(2 * text.length);
    const response = await post(new URL(path, url), authToken, text, path, caller.signal, timeoutMs);
    const answer = await readBody(response, path, caller);
    caller.keep(jsonWeight(answer));
    try {
      return read(JSON.parse(answer.toString()));
    } catch (error) {
      if (error instanceof LlmFault) throw error;
      const status = response.ok ? messageOf(error) : `the server answered with the status ${response.status}`;
      throw new LlmFault(`Failed to deserialize response for "POST  ${name}": ${status}`, { cause: error });
    }
  }

  if (apiType === 'open_ai') {
    return {
      infer(model, prompt, params, caller): Promise<InferencingResult> {
        const path = '/v1/chat/completions';
        return ask(path, path, form.openAiInfer(model, prompt, params), caller, form.readOpenAiInfer);
      },
      generateEmbeddings(model, texts, caller): Promise<EmbeddingsResult> {
        const path = '/v1/embeddings';
        return ask(path, path, { input: texts, model }, caller, form.readOpenAiEmbeddings);
      },
    };
  }
  return {
    infer(model, prompt, params: InferencingParams, caller): Promise<InferencingResult> {
      const body = { model, prompt, options: form.optionsOf(params) };
      return ask('/infer', '/infer', body, caller, form.readInfer);
    },
    generateEmbeddings(model, texts, caller): Promise<EmbeddingsResult> {
      return ask('/embed', '/embed', { model, input: texts }, caller, form.readEmbeddings);
    },
  };
}

async function post(
  url: URL,
  token: string,
  body: string,
  path: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Response> {
  const headers = headersOf(token);
  const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: ends });
  } catch (error) {
    throw requestFault(path, error, signal);
  }
}

function headersOf(token: string): Headers {
  try {
    // Bytes are counted as they come: they are not to grow afterwards.
    return new Headers({
      authorization: `bearer ${token}`,
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    });
  } catch {
    // The error of Headers quotes the token.
    throw new LlmFault('Failed to create authorization header');
  }
}

async function readBody(response: Response, path: string, caller: Caller): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      if (size > MOST_RESULT_BYTES) throw new LlmFault(`query result exceeds limit of ${MOST_RESULT_BYTES} bytes`);
      caller.keep(chunk.byteLength);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') {
      throw requestFault(path, error, caller.signal);
    }
    throw error;
  }
  return Buffer.concat(chunks);
}

/** Gives the reason of the signal when the request of the guest is over. */
function requestFault(path: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { cause = error } = error as Error;
  return new LlmFault(`POST ${path} request error: ${messageOf(cause)}`, { cause: error });
}
