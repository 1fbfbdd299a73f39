// Components written as text, for tests. The assembler is the one of wasm-tools that jco carries.
import { parse } from '@bytecodealliance/jco';
import { decodeComponent } from '../../src/component/binary/decode.ts';
import { Instance, type InstantiateOptions } from '../../src/component/canon/instance.ts';
import type { Plan, PlannedExport } from '../../src/component/canon/plan.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { linkComponent } from '../../src/component/link/link.ts';
import { readCoreModule } from '../../src/component/rewrite/read-core-module.ts';

export async function assemble(text: string): Promise<Uint8Array> {
  return parse(text);
}

export async function linkText(text: string, host = new HostRegistry()): Promise<Plan> {
  return linkComponent(decodeComponent(await assemble(text)), {
    host,
    moduleImports: (bytes) => readCoreModule(bytes).imports,
  });
}

export function instantiatePlan(plan: Plan, options: Partial<InstantiateOptions> = {}): Instance {
  const modules = plan.modules.map((bytes) => new WebAssembly.Module(bytes));
  return new Instance(plan, { module: (index) => modules[index] as WebAssembly.Module, ...options });
}

/** Calls an export of the root, `name`, or one of an exported instance, `instance#name`. */
export function callExport(instance: Instance, name: string, ...params: unknown[]): unknown {
  const [outer = '', inner] = name.split('#');
  let found: PlannedExport | undefined = instance.plan.exports.get(outer);
  if (inner !== undefined && found?.kind === 'instance') found = found.exports.get(inner);
  if (found?.kind !== 'func') throw new Error(`No exported function "${name}"`);
  return instance.lifted(found.func)({ component: undefined, encoding: 'utf8' }, params);
}

/** A core module with a bump allocator: `memory` and `realloc`, and room for more functions. */
export function coreModule(functions: string, memory = '(memory (export "memory") 1)'): string {
  return `(core module $m ${memory}
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get 2) (i32.const 1)))
                              (i32.sub (i32.const 0) (local.get 2))))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (memory.copy (local.get $at) (local.get 0)
        (select (local.get 1) (local.get 3) (i32.lt_u (local.get 1) (local.get 3))))
      (local.get $at))
    ${functions})`;
}
