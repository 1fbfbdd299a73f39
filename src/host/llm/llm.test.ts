// Language models through both versions of the interface, with a server in each form that Spin knows: permission, what is
// asked, what is answered, and servers that answer badly.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { within } from '../../../test/support/within.ts';
import type { LlmComputeConfig } from '../../app/runtime-config/runtime-config.ts';
import { guestsOf, type TestApp, type TestGuest } from '../guests-of.test-kit.ts';
import { remoteHttpEngine } from './backends/remote-http.ts';
import type { LlmEngine } from './engine.ts';
import { createLlmService } from './service.ts';

const versions = ['fermyon:spin/llm', 'fermyon:spin/llm@2.0.0'];
const options = { timeout: 30_000 };
const TOKEN = 'a-secret-token';

interface Asked {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** Runs `work` with an app whose models are behind a server that answers as `answer` does. */
async function against(
  apiType: LlmComputeConfig['apiType'],
  answer: (response: ServerResponse, asked: Asked) => void,
  work: (app: TestApp<LlmEngine>, asked: Asked[], url: string) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const text = await bodyOf(request);
    if (text === undefined) return;
    const { url, headers } = request;
    const one = { url, authorization: headers.authorization, body: JSON.parse(text) as unknown };
    asked.push(one);
    answer(response, one);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/ignored?as=in-spin`;
  const app = await guestsOf(createLlmService(), {
    component: { aiModels: ['llama2-chat', 'all-minilm-l6-v2'] },
    runtimeConfig: { llmCompute: { type: 'remote_http', url, authToken: TOKEN, apiType } },
  });
  try {
    await work(app, asked, url);
    assert.ok(!JSON.stringify(app.lines).includes(TOKEN));
  } finally {
    await app.close();
    server.closeAllConnections();
    server.close();
  }
}

/** Undefined for a client that went away before. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  try {
    return Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
  } catch {
    return undefined;
  }
}

const json = (value: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(value));
const runtimeError = (val: string) => ({ tag: 'err', val: { tag: 'runtime-error', val } });
const params = {
  maxTokens: 7,
  repeatPenalty: Math.fround(1.3),
  repeatPenaltyLastNTokenCount: 3,
  temperature: 0.5,
  topK: 2,
  topP: 1,
};
const infer = (guest: TestGuest, version = versions[1]): Promise<unknown> =>
  within(guest.call(`${version} infer`, 'llama2-chat', 'Say "hi"', undefined), 'an answer');

test("inferring in Spin's own form", options, async () => {
  const answer = { text: 'hï', usage: { promptTokenCount: 4, generatedTokenCount: 4294967295 }, more: true };
  await against('default', json(answer), async (app, asked) => {
    for (const version of versions) {
      const guest = app.request();
      const { text, usage } = answer;
      assert.deepEqual(await infer(guest, version), { tag: 'ok', val: { text, usage } });
      assert.deepEqual(asked.pop(), {
        url: '/infer',
        authorization: `bearer ${TOKEN}`,
        body: {
          model: 'llama2-chat',
          prompt: 'Say "hi"',
          options: {
            max_tokens: 100,
            repeat_penalty: 1.1,
            repeat_penalty_last_n_token_count: 64,
            temperature: 0.8,
            top_k: 40,
            top_p: 0.9,
          },
        },
      });
      await guest.ok(`${version} infer`, 'llama2-chat', '', params);
      assert.deepEqual((asked.pop()?.body as { options: unknown } | undefined)?.options, {
        max_tokens: 7,
        repeat_penalty: 1.3,
        repeat_penalty_last_n_token_count: 3,
        temperature: 0.5,
        top_k: 2,
        top_p: 1,
      });
      assert.equal(guest.hostBytes.bytes, 0);
    }
  });
});

test("embeddings in Spin's own form", options, async () => {
  await against(
    'default',
    json({ embeddings: [[1, -0.5], []], usage: { promptTokenCount: 2 } }),
    async (app, asked) => {
      for (const version of versions) {
        const val = await app.request().ok(`${version} generate-embeddings`, 'all-minilm-l6-v2', ['a', 'b']);
        const embeddings = [Float32Array.of(1, -0.5), new Float32Array()];
        assert.deepEqual(val, { embeddings, usage: { promptTokenCount: 2 } });
        assert.deepEqual(asked.pop()?.body, { model: 'all-minilm-l6-v2', input: ['a', 'b'] });
      }
    },
  );
});

test('inferring in the form of OpenAI', options, async () => {
  const answer = {
    choices: [{ message: { content: 'one' } }, { message: { content: 'two' } }],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  };
  await against('open_ai', json(answer), async (app, asked) => {
    const val = await app.request().ok('fermyon:spin/llm@2.0.0 infer', 'llama2-chat', 'Say', params);
    assert.deepEqual(val, { text: 'one', usage: { promptTokenCount: 1, generatedTokenCount: 2 } });
    assert.deepEqual(asked.pop(), {
      url: '/v1/chat/completions',
      authorization: `bearer ${TOKEN}`,
      body: {
        messages: [{ role: 'user', content: 'Say' }],
        model: 'llama2-chat',
        max_completion_tokens: 7,
        frequency_penalty: 1.3,
      },
    });
  });
});

test('embeddings, and errors, in the form of OpenAI', options, async () => {
  let fails = false;
  const answer = (response: ServerResponse, { url }: Asked): void => {
    if (url === '/v1/embeddings' && fails) json({ error: { message: 'no such engine' } })(response.writeHead(400));
    else if (url === '/v1/embeddings') json({ data: [{ embedding: [0.25] }], usage: { prompt_tokens: 9 } })(response);
    else json({ error: { message: 'no such model' } })(response.writeHead(404));
  };
  await against('open_ai', answer, async (app, asked) => {
    const guest = app.request();
    const val = await guest.ok('fermyon:spin/llm@2.0.0 generate-embeddings', 'all-minilm-l6-v2', ['a']);
    assert.deepEqual(val, { embeddings: [Float32Array.of(0.25)], usage: { promptTokenCount: 9 } });
    assert.deepEqual(asked.pop()?.body, { model: 'all-minilm-l6-v2', input: ['a'] });
    assert.deepEqual(await infer(guest), runtimeError('no such model'));
    fails = true;
    const embeddings = guest.call('fermyon:spin/llm@2.0.0 generate-embeddings', 'all-minilm-l6-v2', ['a']);
    assert.deepEqual(await embeddings, runtimeError('no such engine'));
  });
});

test('a model that the manifest does not name is denied, in every version and function', options, async () => {
  await against('default', json({}), async (app, asked) => {
    const guest = app.request();
    for (const version of versions) {
      for (const [name, args] of Object.entries({ infer: ['x', undefined], 'generate-embeddings': [[]] })) {
        const val =
          "The component does not have access to use 'gpt'. To give the component access, add 'gpt' to the 'ai_models' key for the component in your spin.toml manifest";
        const denied = { tag: 'err', val: { tag: 'invalid-input', val } };
        assert.deepEqual(await guest.call(`${version} ${name}`, 'gpt', ...args), denied);
      }
    }
    assert.equal(asked.length, 0);
  });
});

const bad: Readonly<Record<string, [answer: (response: ServerResponse) => void, message: RegExp]>> = {
  'a status without a form': [
    (response) => void response.writeHead(401).end('who are you?'),
    /^Failed to deserialize response for "POST {2}\/infer": the server answered with the status 401$/,
  ],
  'a redirect, which would take the token elsewhere': [
    (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    /the server answered with the status 307$/,
  ],
  'another form': [json({ text: 7 }), /^Failed to deserialize .*: text is not what it should be$/],
  'no JSON': [(response) => void response.end('{'), /^Failed to deserialize .*JSON/],
  'too many tokens': [
    json({ text: '', usage: { promptTokenCount: 4294967296, generatedTokenCount: 0 } }),
    /: usage.promptTokenCount is not what it should be$/,
  ],
  'a broken answer': [
    (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{');
      response.destroy();
    },
    /^POST \/infer request error: /,
  ],
};

for (const [name, [answer, message]] of Object.entries(bad)) {
  test(`a server that answers with ${name}`, options, async () => {
    await against('default', answer, async (app) => {
      const { tag, val } = (await infer(app.request())) as { tag: string; val: { tag: string; val: string } };
      assert.deepEqual([tag, val.tag], ['err', 'runtime-error']);
      assert.match(val.val, message);
    });
  });
}

test('an answer without end ends the guest at what it may hold', options, async () => {
  const endless = (response: ServerResponse): void => {
    const more = (error?: Error | null): void => void (error || response.write(Buffer.alloc(65_536, ' '), more));
    response.on('error', () => undefined);
    more();
  };
  await against('default', endless, async (app) => {
    const guest = app.request(1_000_000);
    await assert.rejects(infer(guest), { limit: { name: 'held', value: 1_000_000 } });
    assert.equal(guest.hostBytes.bytes, 0);
  });
});

test('an answer of many small arrays is counted as what they take, before it is read', options, async () => {
  const many = `{"embeddings":[${'[],'.repeat(1_000_000)}[]],"usage":{"promptTokenCount":1}}`;
  await against(
    'default',
    (response) => void response.end(many),
    async (app) => {
      const guest = app.request();
      const asking = guest.call('fermyon:spin/llm@2.0.0 generate-embeddings', 'all-minilm-l6-v2', ['x']);
      await assert.rejects(within(asking, 'the limit'), /Limit reached: held/);
    },
  );
});

test('brackets and commas in a text count no more than its other characters', options, async () => {
  const text = '[{,"\\'.repeat(200_000);
  await against('default', json({ text, usage: { promptTokenCount: 2, generatedTokenCount: 1 } }), async (app) => {
    const found = await app.request().ok('fermyon:spin/llm@2.0.0 infer', 'llama2-chat', 'x', params);
    assert.equal((found as { text: string }).text, text);
  });
});

test('a server that hangs costs its own request, and is not waited for for ever', options, async () => {
  const hang = (): void => undefined;
  await against('default', hang, async (app, _asked, url) => {
    const guest = app.request();
    const waiting = infer(guest);
    setTimeout(() => guest.finish(), 20);
    await assert.rejects(waiting, { message: 'the request is over' });
    const engine = remoteHttpEngine({ type: 'remote_http', url, authToken: TOKEN, apiType: 'default' }, 50);
    const caller = { signal: new AbortController().signal, keep: () => undefined };
    await assert.rejects(engine.generateEmbeddings('m', [], caller), {
      name: 'LlmFault',
      message: /^POST \/embed request error: .*timeout/,
    });
  });
});

test('a server that is not there, and a token that no header may hold', options, async () => {
  for (const [authToken, message] of [
    [TOKEN, /^POST \/infer request error: connect ECONNREFUSED/],
    ['a\nb', /^Failed to create authorization header$/],
  ] as const) {
    const llmCompute: LlmComputeConfig = {
      type: 'remote_http',
      url: 'http://127.0.0.1:64999',
      authToken,
      apiType: 'default',
    };
    const app = await guestsOf(createLlmService(), {
      component: { aiModels: ['llama2-chat'] },
      runtimeConfig: { llmCompute },
    });
    const { val } = (await infer(app.request())) as { val: { tag: string; val: string } };
    assert.match(val.val, message);
    await app.close();
  }
});

test('without a runtime configuration the error says what to write', options, async () => {
  const app = await guestsOf(createLlmService(), { component: { aiModels: ['llama2-chat'] } });
  const guest = app.request();
  const message =
    'Local LLM operations are not supported: add [llm_compute] with type = "remote_http", url and auth_token to the runtime configuration';
  assert.deepEqual(await infer(guest), runtimeError(message));
  assert.deepEqual(await guest.call(`${versions[0]} generate-embeddings`, 'llama2-chat', []), runtimeError(message));
  await app.close();
});
