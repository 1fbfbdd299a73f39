// Binds the .wast runner to Mayfly's component runtime, without sandbox: a fresh instance each time. Its core modules are
// rewritten as those of requests are, so that the suites also show that a rewritten module behaves as the original.

import type { Component, CoreLimits } from '../../src/component/binary/ast.ts';
import { type CallContext, Instance } from '../../src/component/canon/instance.ts';
import type { PlannedExport } from '../../src/component/canon/plan.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { linkComponent } from '../../src/component/link/link.ts';
import type { CoreModuleInfo } from '../../src/component/rewrite/core-module.ts';
import { readCoreModule } from '../../src/component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../../src/component/rewrite/rewrite-core-module.ts';
import type { RewriteOptions } from '../../src/component/rewrite/rewrite-options.ts';
import { INTERNALS, INTERRUPT, MEMORIES } from '../../src/sandbox/artifact.ts';
import { openPollPages, pollAddress } from '../../src/sandbox/interrupt/poll-pages.ts';
import type { Engine, EngineFunc, EngineInstance } from './wast/engine.ts';

const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

export interface MayflyEngineOptions {
  readonly host?: HostRegistry;
  /** Holds the state of the host's services. */
  readonly context?: CallContext;
  /** That 32-bit memories may grow to. Guests poll when it leaves room for that, else they look at the flag. */
  readonly maximumPages?: number;
}

export function mayflyEngine(options: MayflyEngineOptions = {}): Engine {
  const { host = new HostRegistry(), context = noState, maximumPages = 32_000 } = options;
  return {
    async instantiate(component: Component): Promise<EngineInstance> {
      const plan = linkComponent(component, { host, moduleImports: (bytes) => readCoreModule(bytes).imports });
      const infos = plan.modules.map((bytes) => readCoreModule(bytes));
      const modules = plan.modules.map(
        (bytes, index) =>
          new WebAssembly.Module(rewriteCoreModule(bytes, infos[index]!, rewriteOptions(infos[index]!, maximumPages))),
      );
      const instance = new Instance(plan, {
        module: (index) => modules[index]!,
        extraImports: ({ module }) => addedImports(infos[module]!, maximumPages),
        context,
      });
      return { func: (name) => bind(instance, plan.exports.get(name)) };
    },
  };
}

function rewriteOptions({ memories }: CoreModuleInfo, maximumPages: number): RewriteOptions {
  const options = {
    importMemories: MEMORIES,
    exportInternals: INTERNALS,
    interrupt: { ...INTERRUPT, pollAddress: pollAddress(maximumPages) },
  };
  return memories.some(({ is64 }) => is64) ? options : { ...options, maximumPages };
}

function addedImports({ memories }: CoreModuleInfo, maximumPages: number): WebAssembly.Imports {
  const own: WebAssembly.ModuleImports = {};
  memories.forEach((memory, index) => {
    if (!memory.imported) own[`memory${index}`] = createMemory(memory, maximumPages);
  });
  return { [MEMORIES]: own, [INTERRUPT.module]: { [INTERRUPT.name]: flag } };
}

function createMemory({ min, max, shared, is64 }: CoreLimits, maximumPages: number): WebAssembly.Memory {
  const maximum = max !== undefined && (is64 || max < maximumPages) ? max : BigInt(maximumPages);
  // TypeScript's descriptor lacks `address`.
  const descriptor = is64
    ? { initial: min, maximum, address: 'i64', shared }
    : { initial: Number(min), maximum: Number(maximum), shared };
  const memory = new WebAssembly.Memory(descriptor as ConstructorParameters<typeof WebAssembly.Memory>[0]);
  if (!is64 && !shared) openPollPages([memory], maximumPages);
  return memory;
}

const noState: CallContext = { state: () => undefined };

function bind(instance: Instance, item: PlannedExport | undefined): EngineFunc | undefined {
  if (item?.kind !== 'func') return undefined;
  const { func } = item;
  return {
    type: func.type,
    call: async (args) => instance.lifted(func)({ component: undefined, encoding: 'utf8' }, args),
  };
}
