// The host service 'llm': language models that the runtime configuration says where to find. bindings.ts has who may use
// which, backends/ what answers.
import type { HostService } from '../service.ts';
import { missingEngine } from './backends/missing.ts';
import { remoteHttpEngine } from './backends/remote-http.ts';
import { type LlmState, llmInterfaces } from './bindings.ts';
import type { LlmEngine } from './engine.ts';

export function createLlmService(): HostService<LlmEngine, LlmEngine, LlmState> {
  return {
    name: 'llm',
    interfaces: llmInterfaces,
    configureApp: ({ runtimeConfig: { llmCompute } }) => (llmCompute ? remoteHttpEngine(llmCompute) : missingEngine),
    configureComponent: (_, engine) => engine,
    prepare: (engine, { component, signal, hostBytes }) => ({ engine, models: component.aiModels, signal, hostBytes }),
  };
}
