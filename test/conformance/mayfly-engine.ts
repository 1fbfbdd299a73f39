// Binds the .wast runner to Mayfly's component runtime, without sandbox: a fresh instance each time.

import type { Component } from '../../src/component/binary/ast.ts';
import { readCoreModuleType } from '../../src/component/binary/core-module.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { type CallContext, Instance } from '../../src/component/link/instance.ts';
import { linkComponent } from '../../src/component/link/link.ts';
import type { PlannedExport } from '../../src/component/link/plan.ts';
import type { Engine, EngineFunc, EngineInstance } from './wast/engine.ts';

/** `context` holds the state of the host's services. */
export function mayflyEngine(host: HostRegistry = new HostRegistry(), context: CallContext = noState): Engine {
  return {
    async instantiate(component: Component): Promise<EngineInstance> {
      const plan = linkComponent(component, {
        host,
        moduleImports: (bytes) => readCoreModuleType(bytes, 'core module', 0).imports,
      });
      const modules = plan.modules.map((bytes) => new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
      const instance = new Instance(plan, { module: (index) => modules[index]!, context });
      return { func: (name) => bind(instance, plan.exports.get(name)) };
    },
  };
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
