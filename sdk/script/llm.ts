// Language models: `llm` of mayfly/sdk.
import { generateEmbeddings, infer } from 'fermyon:spin/llm@2.0.0';
import { asking } from './errors.ts';

interface InferOptions {
  readonly maxTokens?: number;
  readonly repeatPenalty?: number;
  readonly repeatPenaltyLastNTokenCount?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
}

/** As Spin's SDK sets what a program leaves out. */
const usual = {
  maxTokens: 100,
  repeatPenalty: 1.1,
  repeatPenaltyLastNTokenCount: 64,
  temperature: 0.8,
  topK: 40,
  topP: 0.9,
};

export const llm = {
  infer(model: string, prompt: string, options?: InferOptions) {
    const { text, usage } = asking('llm', () => infer(model, prompt, options && { ...usual, ...options }));
    return {
      text,
      usage: { promptTokenCount: usage.promptTokenCount, generatedTokenCount: usage.generatedTokenCount },
    };
  },
  embed(model: string, texts: readonly string[]) {
    const { embeddings, usage } = asking('llm', () => generateEmbeddings(model, [...texts]));
    return {
      embeddings: embeddings.map((one) => Array.from(one)),
      usage: { promptTokenCount: usage.promptTokenCount },
    };
  },
};
