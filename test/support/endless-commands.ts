// Commands of WASI 0.3 that never end, each in its own way: by callbacks, on stacks of their own, with threads.
import { assemble } from './wat.ts';

interface Command {
  /** Canonical built-ins that it imports: name, definition, core type. */
  readonly builtins?: readonly (readonly [name: string, canon: string, type: string])[];
  /** More of its core module. */
  readonly more?: string;
  readonly run: string;
  /** What its callback does; without one it has a stack of its own. */
  readonly callback?: string;
}

/** A command of WASI 0.3. */
function text({ builtins = [], more = '', run, callback }: Command): string {
  return `(component
    (core type $start (func (param i32)))
    (core module $lib (table (export "table") 1 funcref))
    (core instance $lib (instantiate $lib))
    (alias core export $lib "table" (core table $table))
    ${builtins.map(([name, canon]) => `(core func $${name} (canon ${canon}))`).join('\n')}
    (core module $m (import "lib" "table" (table 1 funcref))
      ${builtins.map(([name, , type]) => `(import "i" "${name}" (func $${name} ${type}))`).join('\n')}
      ${more}
      (func $burn (local $i i64) (local.set $i (i64.const 100000000))
        (loop $l (br_if $l (i64.ne (local.tee $i (i64.sub (local.get $i) (i64.const 1))) (i64.const 0)))))
      (func (export "run") ${callback === undefined ? '' : '(result i32)'} ${run})
      (func (export "callback") (param i32 i32 i32) (result i32) ${callback ?? '(i32.const 0)'}))
    (core instance $i (instantiate $m (with "lib" (instance $lib))
      (with "i" (instance ${builtins.map(([name]) => `(export "${name}" (func $${name}))`).join(' ')}))))
    (func $run async (result (result)) (canon lift (core func $i "run") async
      ${callback === undefined ? '' : '(callback (core func $i "callback"))'}))
    (instance $cli (export "run" (func $run)))
    (export "wasi:cli/run@0.3.0" (instance $cli)))`;
}

const yields = ['yield', 'thread.yield', '(result i32)'] as const;
const newThread = ['new', 'thread.new-indirect $start (core table $table)', '(param i32 i32) (result i32)'] as const;
const loopsInThread = '(func $loops (param i32) (loop $l (br $l))) (elem (i32.const 0) $loops)';

const commands: Readonly<Record<string, Command>> = {
  'yields-by-callback': { run: '(i32.const 1)', callback: '(i32.const 1)' },
  'yields-after-burning': { run: '(i32.const 1)', callback: '(call $burn) (i32.const 1)' },
  'yields-on-its-stack': { builtins: [yields], run: '(loop $l (drop (call $yield)) (br $l))' },
  'burns-on-its-stack': { builtins: [yields], run: '(loop $l (call $burn) (drop (call $yield)) (br $l))' },
  'many-threads-yield': {
    builtins: [yields, newThread, ['later', 'thread.resume-later', '(param i32)']],
    more: `(func $yielding (param i32) (loop $l (drop (call $yield)) (br $l))) (elem (i32.const 0) $yielding)`,
    run: `(local $n i32)
      (loop $m (call $later (call $new (i32.const 0) (i32.const 0)))
        (br_if $m (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (loop $l (drop (call $yield)) (br $l))`,
  },
  'loops-in-callback': { run: '(i32.const 1)', callback: '(loop $l (br $l)) (i32.const 0)' },
  'switches-to-a-loop': {
    builtins: [yields, newThread, ['switch', 'thread.suspend-then-resume', '(param i32) (result i32)']],
    more: loopsInThread,
    run: '(drop (call $yield)) (drop (call $switch (call $new (i32.const 0) (i32.const 0))))',
  },
};

/** The names of the commands. */
export const endlessCommands: readonly string[] = Object.keys(commands);

/** The component of one of them. */
export function endlessCommand(name: string): Promise<Uint8Array> {
  return assemble(text(commands[name] as Command));
}
