// error-context.*. CanonicalABI.md#canon-error-contextnew and following.

import { ErrorContext } from '../../abi/error-context.ts';
import type { ResolvedOptions } from '../../abi/options.ts';
import { loadString, storeString } from '../../abi/strings.ts';
import { builtin } from './builtin.ts';

export const errorContextNew = builtin(2, 1, ({ instance, component, owner }, { options }) => {
  const cx = instance.abiContext(owner, options as ResolvedOptions);
  return (pointer: number, taggedCodeUnits: number) => {
    component.checkMayLeave();
    cx.refresh();
    const made = new ErrorContext(loadString(cx, pointer >>> 0, taggedCodeUnits >>> 0));
    return made.addTo(component.handles, instance.hostBytes);
  };
});

export const errorContextDebugMessage = builtin(2, 0, ({ instance, component, owner }, { options }) => {
  const cx = instance.abiContext(owner, options as ResolvedOptions);
  return (index: number, pointer: number) => {
    component.checkMayLeave();
    const { debugMessage } = ErrorContext.from(component.handles, index >>> 0);
    cx.refresh();
    cx.memory.check(pointer >>> 0, 8, 4);
    const [at, length] = storeString(cx, debugMessage);
    cx.memory.data.setUint32(pointer >>> 0, at, true);
    cx.memory.data.setUint32((pointer >>> 0) + 4, length, true);
  };
});

export const errorContextDrop = builtin(1, 0, ({ component, instance }) => (index: number) => {
  component.checkMayLeave();
  const dropped = ErrorContext.from(component.handles, index >>> 0);
  dropped.removeFrom(component.handles, index >>> 0, instance.hostBytes);
});
