// Language models as both versions of Spin's interface have them, and which models a component may use.
import { err, type Result } from '../../component/types/val-type.ts';
import { type CallingRequest, type GuestCall, type Later, lowered, perform } from '../guest-call.ts';
import { defineInterface, type Functions, lending, suspending } from '../service.ts';
import type { InferencingParams, LlmEngine } from './engine.ts';
import signatures from './signatures.json' with { type: 'json' };

const SERVICE = 'llm';

type LlmError = { readonly tag: 'runtime-error' | 'invalid-input'; readonly val: string };

/** One sandbox while it serves a request. */
export interface LlmState extends CallingRequest {
  readonly engine: LlmEngine;
  readonly models: readonly string[];
}

/** Those of Spin for a guest that gives none. */
const defaultParams: InferencingParams = {
  maxTokens: 100,
  repeatPenalty: 1.1,
  repeatPenaltyLastNTokenCount: 64,
  temperature: 0.8,
  topK: 40,
  topP: 0.9,
};

function withModel<T>(
  state: LlmState,
  model: string,
  work: (call: GuestCall) => Promise<T>,
): Later<Result<T, LlmError>> {
  if (state.models.includes(model))
    return perform(state, work, ({ message }) => ({ tag: 'runtime-error', val: message }));
  const denied = `The component does not have access to use '${model}'. To give the component access, add '${model}' to the 'ai_models' key for the component in your spin.toml manifest`;
  return err({ tag: 'invalid-input', val: denied });
}

const functions: Functions<LlmState> = {
  infer: lending(
    suspending((state: LlmState, model: string, prompt: string, params: InferencingParams | undefined) =>
      withModel(state, model, (call) => state.engine.infer(model, prompt, params ?? defaultParams, call)),
    ),
    lowered,
  ),
  'generate-embeddings': lending(
    suspending((state: LlmState, model: string, texts: readonly string[]) =>
      withModel(state, model, (call) => state.engine.generateEmbeddings(model, texts, call)),
    ),
    lowered,
  ),
};

export const llmInterfaces = [
  defineInterface<LlmState>(SERVICE, 'fermyon:spin/llm', undefined, {
    signatures: signatures['fermyon:spin/llm'],
    functions,
  }),
  defineInterface<LlmState>(SERVICE, 'fermyon:spin/llm', '2.0.0', {
    signatures: signatures['fermyon:spin/llm@2.0.0'],
    functions,
  }),
];
