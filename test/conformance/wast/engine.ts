// What run.ts needs of a component runtime.

import type { Component } from '../../../src/component/binary/ast.ts';
import type { FuncType, Value } from '../../../src/component/types/val-type.ts';

export interface EngineFunc {
  readonly type: FuncType;
  /** Rejects with a Trap (src/errors.ts) or a WebAssembly.RuntimeError when the guest traps. */
  call(args: readonly Value[]): Promise<Value>;
}

export interface EngineInstance {
  func(name: string): EngineFunc | undefined;
}

export interface Engine {
  /** Rejects with a MayflyError when an import is missing or differs in type, with a trap when initialising traps. */
  instantiate(component: Component): Promise<EngineInstance>;
}
