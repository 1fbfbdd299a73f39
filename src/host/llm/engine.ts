// What answers questions about language models looks like. A new kind is a file in backends/.
import { type Caller, ServiceFault } from '../guest-call.ts';

/** In the units of WIT's `inferencing-params`. */
export interface InferencingParams {
  readonly maxTokens: number;
  readonly repeatPenalty: number;
  readonly repeatPenaltyLastNTokenCount: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export interface InferencingResult {
  readonly text: string;
  readonly usage: { readonly promptTokenCount: number; readonly generatedTokenCount: number };
}

export interface EmbeddingsResult {
  readonly embeddings: readonly Float32Array[];
  readonly usage: { readonly promptTokenCount: number };
}

/** Why the engine gave no answer: `runtime-error` of the guest. */
export class LlmFault extends ServiceFault {
  override readonly name = 'LlmFault';
}

/** All reject with an LlmFault, or the reason of the caller's signal. */
export interface LlmEngine {
  infer(model: string, prompt: string, params: InferencingParams, caller: Caller): Promise<InferencingResult>;
  generateEmbeddings(model: string, texts: readonly string[], caller: Caller): Promise<EmbeddingsResult>;
}
