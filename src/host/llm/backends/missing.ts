// The engine of an app whose runtime configuration names none. Spin infers on its own machine then.
import { type LlmEngine, LlmFault } from '../engine.ts';

const MESSAGE =
  'Local LLM operations are not supported: add [llm_compute] with type = "remote_http", url and auth_token to the runtime configuration';

const fail = (): Promise<never> => Promise.reject(new LlmFault(MESSAGE));

export const missingEngine: LlmEngine = { infer: fail, generateEmbeddings: fail };
