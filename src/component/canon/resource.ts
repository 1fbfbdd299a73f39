// canon resource.new, resource.drop, resource.rep. CanonicalABI.md#canon-resourcenew and following.

import { Trap } from '../../errors.ts';
import type { ComponentState, CoreFunction } from '../abi/context.ts';
import { ResourceHandle } from '../abi/handles.ts';
import type { CoreItem } from '../abi/options.ts';
import type { ResourceType } from '../types/val-type.ts';
import { makeDestroyInTask } from './destroy-in-task.ts';
import type { RunningInstance, Trampoline } from './plan.ts';

/** A resource type that a component of the plan defines. */
export interface DefinedResource extends ResourceType {
  readonly definedBy: number;
  readonly destructor: CoreItem | undefined;
}

export function makeResourceNew(type: ResourceType, owner: number): Trampoline {
  return builtin('canon resource.new', owner, (instance) => {
    const component = instance.components[owner] as ComponentState;
    return (rep: number) => {
      checkMayLeave(component);
      return component.handles.add(new ResourceHandle(type, rep, true, undefined));
    };
  });
}

export function makeResourceRep(type: ResourceType, owner: number): Trampoline {
  return builtin('canon resource.rep', owner, (instance) => {
    const component = instance.components[owner] as ComponentState;
    return (index: number) => component.handles.resource(index >>> 0, type).rep;
  });
}

export function makeResourceDrop(type: ResourceType, owner: number, slot: number): Trampoline {
  const drop = (instance: RunningInstance): ((index: number) => unknown) => {
    const component = instance.components[owner] as ComponentState;
    const destroy = makeDestroy(instance, type, component, slot);
    return (index: number) => {
      checkMayLeave(component);
      const handle = component.handles.resource(index >>> 0, type);
      if (handle.lends !== 0) throw new Trap(`Cannot drop handle ${index >>> 0} while it is lent`);
      component.handles.remove(index >>> 0);
      if (handle.isDead) return undefined;
      if (handle.own) return destroy(handle.rep);
      if (handle.scope) handle.scope.borrows--;
      return undefined;
    };
  };
  return { ...builtin('canon resource.drop', owner, drop), callee: type, coreType: { params: ['i32'], results: [] } };
}

function builtin(
  name: string,
  owner: number,
  make: (instance: RunningInstance) => (...args: never[]) => unknown,
): Trampoline {
  return { name, owner, callee: undefined, make };
}

function checkMayLeave(component: ComponentState): void {
  if (!component.mayLeave) throw new Trap('Cannot leave component instance');
}

type Destroy = (rep: unknown) => unknown;

function makeDestroy(instance: RunningInstance, type: ResourceType, caller: ComponentState, slot: number): Destroy {
  if (type.host) {
    const drop = type.host.drop as ((state: unknown, rep: unknown) => void) | undefined;
    if (!drop) return () => undefined;
    const name = `[resource-drop]${type.name}`;
    return (rep) => drop(instance.hostState(slot, name), rep);
  }
  const { destructor, definedBy } = type as DefinedResource;
  if (!destructor) return () => undefined;
  return componentDestroy(instance, destructor, definedBy, caller);
}

/**
 * Makes a destructor that runs inside the instance that defines the resource, which is entered as by any other call.
 */
function componentDestroy(
  instance: RunningInstance,
  destructor: CoreItem,
  definedBy: number,
  caller: ComponentState,
): Destroy {
  const { store } = instance;
  if (store) return makeDestroyInTask(instance, store, destructor, definedBy, caller.index);
  const owner = instance.components[definedBy] as ComponentState;
  const suspends = instance.plan.suspends[definedBy] === true;
  return (rep) => {
    const core = instance.coreFunction(destructor);
    if (owner === caller && !suspends) return void core(rep as number);
    const foreign = owner !== caller;
    if (foreign && !owner.mayEnter) throw new Trap('Cannot enter component instance');
    if (foreign) owner.mayEnter = false;
    const call = suspends ? (WebAssembly.promising(core) as unknown as CoreFunction) : core;
    const done = (): void => {
      if (foreign) owner.mayEnter = true;
    };
    const raw = call(rep as number) as unknown;
    return suspends ? (raw as Promise<unknown>).then(done) : done();
  };
}
