// What a waitable tells its task. CanonicalABI.md#waitable-state

export const EventCode = {
  none: 0,
  subtask: 1,
  streamRead: 2,
  streamWrite: 3,
  futureRead: 4,
  futureWrite: 5,
  taskCancelled: 6,
} as const;

export type Event = readonly [code: number, first: number, second: number];

export const noEvent: Event = [EventCode.none, 0, 0];
export const taskCancelled: Event = [EventCode.taskCancelled, 0, 0];

/** The number that built-ins return when the operation is not over yet. CanonicalABI.md: BLOCKED */
export const BLOCKED = 0xffff_ffff | 0;
