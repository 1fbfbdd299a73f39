// What servers of language models are asked, and what they answer: Spin's own form, and that of OpenAI.
import * as z from 'zod/mini';
import { type EmbeddingsResult, type InferencingParams, type InferencingResult, LlmFault } from '../engine.ts';

const count = z.int().check(z.minimum(0), z.maximum(0xffff_ffff));
const vector = z.array(z.number());

const inferAnswer = z.object({
  text: z.string(),
  usage: z.object({ promptTokenCount: count, generatedTokenCount: count }),
});
const embeddingsAnswer = z.object({ embeddings: z.array(vector), usage: z.object({ promptTokenCount: count }) });

const openAiInferAnswer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }),
});
const openAiEmbeddingsAnswer = z.object({
  data: z.array(z.object({ embedding: vector })),
  usage: z.object({ prompt_tokens: count }),
});
const openAiError = z.object({ error: z.object({ message: z.string() }) });

/** The options of Spin's own form. */
export function optionsOf(params: InferencingParams): Record<string, number> {
  return {
    max_tokens: params.maxTokens,
    repeat_penalty: shortest(params.repeatPenalty),
    repeat_penalty_last_n_token_count: params.repeatPenaltyLastNTokenCount,
    temperature: shortest(params.temperature),
    top_k: params.topK,
    top_p: shortest(params.topP),
  };
}

/** The parameters that Spin hands on, under the names that it gives them. */
export function openAiInfer(model: string, prompt: string, params: InferencingParams): unknown {
  return {
    messages: [{ role: 'user', content: prompt }],
    model,
    max_completion_tokens: params.maxTokens,
    frequency_penalty: shortest(params.repeatPenalty),
  };
}

export function readInfer(answer: unknown): InferencingResult {
  return parsed(inferAnswer, answer);
}

export function readEmbeddings(answer: unknown): EmbeddingsResult {
  const { embeddings, usage } = parsed(embeddingsAnswer, answer);
  return { embeddings: embeddings.map((one) => Float32Array.from(one)), usage };
}

export function readOpenAiInfer(answer: unknown): InferencingResult {
  throwIfError(openAiInferAnswer, answer);
  const { choices, usage } = parsed(openAiInferAnswer, answer);
  return {
    text: choices[0]?.message.content ?? '',
    usage: { promptTokenCount: usage.prompt_tokens, generatedTokenCount: usage.completion_tokens },
  };
}

export function readOpenAiEmbeddings(answer: unknown): EmbeddingsResult {
  throwIfError(openAiEmbeddingsAnswer, answer);
  const { data, usage } = parsed(openAiEmbeddingsAnswer, answer);
  return {
    embeddings: data.map(({ embedding }) => Float32Array.from(embedding)),
    usage: { promptTokenCount: usage.prompt_tokens },
  };
}

function throwIfError(schema: z.ZodMiniType, answer: unknown): void {
  if (schema.safeParse(answer).success) return;
  const { data } = openAiError.safeParse(answer);
  if (data) throw new LlmFault(data.error.message);
}

function parsed<T>(schema: z.ZodMiniType<T>, answer: unknown): T {
  const { data, error } = schema.safeParse(answer);
  if (error) {
    const [issue] = error.issues;
    throw new Error(`${issue?.path.join('.') || 'the answer'} is not what it should be`);
  }
  return data as T;
}

/** A number of 32 bits with as few digits as tell it from all others: 0.8, not 0.800000011920929. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}
