// context.get, context.set and backpressure.*: state of the thread and of the component instance.
import type { CoreValue } from '../../abi/context.ts';
import { type Builtin, type BuiltinDef, builtin } from './builtin.ts';

/** CanonicalABI.md#canon-contextget */
export function contextGet(def: BuiltinDef): Builtin {
  return {
    signature: { params: [], results: [def.valType] },
    blocks: false,
    make: (site, { slot, valType }) =>
      valType === 'i32'
        ? () => Number(BigInt.asIntN(32, BigInt(site.thread().storage[slot as 0 | 1])))
        : () => BigInt(site.thread().storage[slot as 0 | 1]),
  };
}

/** CanonicalABI.md#canon-contextset */
export function contextSet(def: BuiltinDef): Builtin {
  return {
    signature: { params: [def.valType], results: [] },
    blocks: false,
    make:
      (site, { slot }) =>
      (value: CoreValue) => {
        site.thread().storage[slot as 0 | 1] = value;
      },
  };
}

/** CanonicalABI.md#canon-backpressureincdec */
export const backpressureInc = builtin(
  0,
  0,
  ({ component }) =>
    () =>
      component.changeBackpressure(1),
);
export const backpressureDec = builtin(
  0,
  0,
  ({ component }) =>
    () =>
      component.changeBackpressure(-1),
);
