// Every built-in of the asynchronous ABI by its name in the text format, older names included.
import type { Builtin, BuiltinOf } from './builtin.ts';
import * as context from './context.ts';
import { cancelCopy, copy, dropEnd, newEnds } from './copy.ts';
import * as errorContext from './error-context.ts';
import * as subtask from './subtask.ts';
import * as task from './task.ts';
import * as thread from './thread.ts';
import * as waitable from './waitable.ts';

function endBuiltins(kind: 'stream' | 'future'): Record<string, BuiltinOf> {
  return {
    [`${kind}.new`]: newEnds(kind),
    [`${kind}.read`]: copy(kind, 'readable'),
    [`${kind}.write`]: copy(kind, 'writable'),
    [`${kind}.cancel-read`]: cancelCopy(kind, 'readable'),
    [`${kind}.cancel-write`]: cancelCopy(kind, 'writable'),
    [`${kind}.drop-readable`]: dropEnd(kind, 'readable'),
    [`${kind}.drop-writable`]: dropEnd(kind, 'writable'),
  };
}

const builtins: Readonly<Record<string, Builtin | BuiltinOf>> = {
  'context.get': context.contextGet,
  'context.set': context.contextSet,
  'backpressure.inc': context.backpressureInc,
  'backpressure.dec': context.backpressureDec,
  'task.return': task.taskReturn,
  'task.cancel': task.taskCancel,
  'subtask.cancel': subtask.subtaskCancel,
  'subtask.drop': subtask.subtaskDrop,
  'waitable-set.new': waitable.waitableSetNew,
  'waitable-set.wait': waitable.waitableSetWait,
  'waitable-set.poll': waitable.waitableSetPoll,
  'waitable-set.drop': waitable.waitableSetDrop,
  'waitable.join': waitable.waitableJoin,
  ...endBuiltins('stream'),
  ...endBuiltins('future'),
  'error-context.new': errorContext.errorContextNew,
  'error-context.debug-message': errorContext.errorContextDebugMessage,
  'error-context.drop': errorContext.errorContextDrop,
  'thread.index': thread.threadIndex,
  'thread.new-indirect': thread.threadNewIndirect,
  'thread.resume-later': thread.threadResumeLater,
  'thread.yield': thread.threadYield,
  'thread.suspend': thread.threadSuspend,
  'thread.suspend-then-resume': thread.threadSuspendThenResume,
  'thread.yield-then-resume': thread.threadYieldThenResume,
  'thread.suspend-then-promote': thread.threadSuspendThenPromote,
  'thread.yield-then-promote': thread.threadYieldThenPromote,
  yield: thread.threadYield,
  'thread.switch-to': thread.threadSuspendThenResume,
  'thread.yield-to': thread.threadYieldThenResume,
  'thread.unsuspend': thread.threadResumeLater,
};

export function findBuiltin(name: string): BuiltinOf | undefined {
  const found = builtins[name];
  return typeof found === 'function' || !found ? found : () => found;
}
