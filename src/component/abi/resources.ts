// Lifting and lowering of handles. CanonicalABI.md (lift_own, lift_borrow, lower_own, lower_borrow).
import { Trap } from '../../errors.ts';
import type { ResourceType } from '../types/val-type.ts';
import type { AbiContext } from './context.ts';
import { ResourceHandle } from './handles.ts';

/** A resource of a component as the host holds it: opaque, dropped through the instance that it came from. */
export class GuestResource {
  readonly type: ResourceType;
  readonly rep: number;
  constructor(type: ResourceType, rep: number) {
    this.type = type;
    this.rep = rep;
  }
}

export function liftOwn(cx: AbiContext, index: number, type: ResourceType): unknown {
  const handle = cx.instance.handles.resource(index, type);
  if (handle.lends !== 0) throw new Trap(`Cannot give away handle ${index} while it is lent`);
  if (!handle.own) throw new Trap(`Cannot give away handle ${index}: it is borrowed`);
  if (handle.isDead) throw deadHandle(index, type);
  cx.instance.handles.remove(index);
  return cx.forHost && !type.host ? new GuestResource(type, handle.rep as number) : handle.rep;
}

export function liftBorrow(cx: AbiContext, index: number, type: ResourceType): unknown {
  const handle = cx.instance.handles.resource(index, type);
  if (handle.isDead) throw deadHandle(index, type);
  cx.lend(handle);
  return handle.rep;
}

function deadHandle(index: number, { name }: ResourceType): Trap {
  return new Trap(`Handle ${index} (${name}) belongs to a request that was over before this sandbox was made`);
}

export function lowerOwn(cx: AbiContext, rep: unknown, type: ResourceType): number {
  return cx.instance.handles.add(new ResourceHandle(type, unwrap(rep, type), true, undefined));
}

/** The instance that implements the resource gets the representation itself; any other a handle for the call. */
export function lowerBorrow(cx: AbiContext, rep: unknown, type: ResourceType): number {
  const value = unwrap(rep, type);
  if (cx.implements(type)) return value as number;
  const { scope } = cx;
  if (!scope) throw new TypeError('A borrow can be passed as a parameter only');
  scope.borrows++;
  return cx.instance.handles.add(new ResourceHandle(type, value, false, scope));
}

function unwrap(rep: unknown, type: ResourceType): unknown {
  if (!(rep instanceof GuestResource)) return rep;
  if (rep.type !== type) throw new TypeError(`Resource is a "${rep.type.name}", not a "${type.name}"`);
  return rep.rep;
}
