// stream.* and future.*: new, read, write, cancel-*, drop-*. CanonicalABI.md#canon-streamfuturenew and following.

import { Trap } from '../../../errors.ts';
import type { ResolvedOptions } from '../../abi/options.ts';
import { type ElementSteps, elementSteps, GuestBuffer } from '../../tasks/buffer.ts';
import { CopyEnd, type EndKind, endFrom } from '../../tasks/copy-end.ts';
import { EventCode } from '../../tasks/event.ts';
import { type Copy, CopyResult, SharedFuture, SharedStream } from '../../tasks/shared.ts';
import { type Builtin, type BuiltinDef, type BuiltinSite, blocking, builtin } from './builtin.ts';
import { payloadOrWait } from './subtask.ts';

type Kind = EndKind['kind'];
type Side = EndKind['side'];

export function newEnds(kind: Kind): (def: BuiltinDef) => Builtin {
  return ({ type }) => ({
    signature: { params: [], results: ['i64'] },
    blocks: false,
    make:
      ({ component, store }) =>
      () => {
        component.checkMayLeave();
        const shared = kind === 'stream' ? new SharedStream([type]) : new SharedFuture([type]);
        const readable = component.handles.add(new CopyEnd(store, shared, 'readable'));
        const writable = component.handles.add(new CopyEnd(store, shared, 'writable'));
        return BigInt.asIntN(64, BigInt(readable) | (BigInt(writable) << 32n));
      },
  });
}

const codes = {
  stream: { readable: EventCode.streamRead, writable: EventCode.streamWrite },
  future: { readable: EventCode.futureRead, writable: EventCode.futureWrite },
} as const;

/** CanonicalABI.md: stream_copy, future_copy */
export function copy(kind: Kind, side: Side): (def: BuiltinDef) => Builtin {
  return (def) => {
    const steps = elementSteps(def.type);
    const async = def.options?.async === true;
    const make = (site: BuiltinSite): ((...args: number[]) => unknown) =>
      makeCopy(site, def, { kind, side, type: def.type }, steps);
    return { ...(async ? builtin : blocking)(kind === 'stream' ? 3 : 2, 1, make) };
  };
}

function makeCopy(
  site: BuiltinSite,
  def: BuiltinDef,
  kind: EndKind,
  steps: ElementSteps,
): (index: number, pointer: number, length?: number) => unknown {
  const { component, store } = site;
  const options = def.options as ResolvedOptions;
  const cx = site.instance.abiContext(site.owner, options);
  const makeEvents = kind.kind === 'stream' ? streamEvents : futureEvents;
  return (index, pointer, length = 1) => {
    component.checkMayLeave();
    const end = endFrom(component.handles, index >>> 0, kind);
    if (end.state !== 'idle') throw new Trap(`Cannot copy: the ${kind.side} end is copying or done`);
    if (end.inSet && !options.async) throw new Trap('Cannot wait for an end that is in a waitable set');
    const thread = site.thread();
    const buffer = new GuestBuffer(cx, steps, pointer >>> 0, length >>> 0);
    const events = makeEvents(end, buffer, codes[kind.kind][kind.side], index >>> 0);
    const copy: Copy<GuestBuffer> = { owner: component, buffer, ...events };
    end.state = 'copying';
    if (kind.side === 'readable') end.shared.read(copy);
    else end.shared.write(copy);
    return payloadOrWait(store, thread, end, options.async);
  };
}

type Events = Pick<Copy<GuestBuffer>, 'onCopy' | 'onDone'>;

function streamEvents(end: CopyEnd, buffer: GuestBuffer, code: number, index: number): Events {
  const event = (result: CopyResult, reclaim: (() => void) | undefined): void =>
    end.setPendingEvent(() => {
      reclaim?.();
      const cut = end.state === 'cancelling' && result === CopyResult.completed && buffer.remain > 0;
      const told = cut ? CopyResult.cancelled : result;
      end.state = result === CopyResult.dropped ? 'done' : 'idle';
      return [code, index, (told | (buffer.progress << 4)) >>> 0];
    });
  return {
    onCopy: (reclaim) => event(CopyResult.completed, reclaim),
    onDone: (result) => event(result, undefined),
  };
}

function futureEvents(end: CopyEnd, _: GuestBuffer, code: number, index: number): Events {
  return {
    onCopy: () => undefined,
    onDone: (result) =>
      end.setPendingEvent(() => {
        end.state = result === CopyResult.cancelled ? 'idle' : 'done';
        return [code, index, result];
      }),
  };
}

/** CanonicalABI.md: cancel_copy */
export function cancelCopy(kind: Kind, side: Side): (def: BuiltinDef) => Builtin {
  return ({ type, async }) =>
    (async ? builtin : blocking)(1, 1, (site) => (index: number) => {
      const { component, store } = site;
      component.checkMayLeave();
      const end = endFrom(component.handles, index >>> 0, { kind, side, type });
      if (end.state !== 'copying' || end.hasSyncWaiter) throw new Trap('There is no copy that could be cancelled');
      if (end.inSet && !async) throw new Trap('Cannot wait for an end that is in a waitable set');
      end.state = 'cancelling';
      if (!end.hasPendingEvent) end.shared.cancel();
      return payloadOrWait(store, site.thread(), end, async);
    });
}

export function dropEnd(kind: Kind, side: Side): (def: BuiltinDef) => Builtin {
  return ({ type }) =>
    builtin(1, 0, ({ component }) => (index: number) => {
      component.checkMayLeave();
      const end = endFrom(component.handles, index >>> 0, { kind, side, type });
      end.drop();
      component.handles.remove(index >>> 0);
    });
}
