// Random core modules as text: terminating, with loops of every shape, calls, memory, globals and traps. Seeded.

export type Random = (below: number) => number;

/** A small generator of whole numbers (mulberry32). */
export function random(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const FUNCTIONS = 5;
const LOCALS = 4;

interface Scope {
  readonly next: Random;
  /** The function that is being written; it calls later ones and itself. */
  readonly index: number;
  /** Loops around this place, each with a counter of its own. */
  readonly loops: number;
  /** Labels around this place that may be branched out to. */
  readonly labels: number;
  /** How much more may be nested. */
  readonly depth: number;
}

/**
 * `run(i32) -> i32` is the entry. Exports the memory `memory`. A fuel global ends recursion; loops count down, so that
 * any run ends.
 */
export function randomModule(seed: number): string {
  const next = random(seed);
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => functionText(next, index));
  return `(module
    (memory (export "memory") 1 ${2 + next(3)})
    (table $table ${FUNCTIONS} funcref)
    (global $fuel (mut i32) (i32.const 0)) (global $a (mut i32) (i32.const 7)) (global $b (mut i64) (i64.const 9))
    (data (i32.const 16) "some bytes at sixteen") (data $passive "passive bytes")
    (elem (table $table) (i32.const 0) func ${functions.map((_, i) => `$f${i}`).join(' ')})
    ${functions.join('\n')}
    (func (export "run") (param i32) (result i32)
      (global.set $fuel (i32.const 60)) (i32.xor (call $f0 (local.get 0) (i32.const 3)) (global.get $a))))`;
}

function functionText(next: Random, index: number): string {
  const scope = { next, index, loops: 0, labels: 0, depth: 4 };
  const locals = `(local ${'i32 '.repeat(LOCALS - 2)} i64) (local $c0 i32) (local $c1 i32) (local $c2 i32)`;
  return `(func $f${index} (param i32 i32) (result i32) ${locals}
    (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
    (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return (i32.const 1))))
    ${statements(scope)} ${expression(scope, 2)})`;
}

function statements(scope: Scope): string {
  return Array.from({ length: 1 + scope.next(4) }, () => statement(scope)).join('\n');
}

function statement(scope: Scope): string {
  const { next, depth } = scope;
  const inner = { ...scope, depth: depth - 1 };
  const plain = [simpleSet, simpleSet, storeText, globalText, callText, rangeText, branchText];
  const nested = [ifText, blockText, countingLoop, straightLoop, whileLoop, tableLoop];
  const choices = depth > 0 ? [...plain, ...nested] : plain;
  return (choices[next(choices.length)] as (scope: Scope) => string)(inner);
}

const local = ({ next }: Scope): number => next(LOCALS);

function simpleSet(scope: Scope): string {
  return `(local.set ${local(scope)} ${expression(scope, 3)})`;
}

function storeText(scope: Scope): string {
  const address = `(i32.and ${expression(scope, 1)} (i32.const 0xfff))`;
  return `${['(i32.store', '(i32.store8', '(i32.store16 offset=3'][scope.next(3)]} ${address} ${expression(scope, 2)})`;
}

function globalText(scope: Scope): string {
  return scope.next(2) === 0
    ? `(global.set $a ${expression(scope, 2)})`
    : `(global.set $b (i64.mul (global.get $b) (i64.extend_i32_s ${expression(scope, 1)})))`;
}

function callText(scope: Scope): string {
  return `(local.set ${local(scope)} ${call(scope)})`;
}

function call(scope: Scope): string {
  const args = `${expression(scope, 1)} ${expression(scope, 1)}`;
  if (scope.next(4) === 0) {
    return `(call_indirect $table (param i32 i32) (result i32) ${args} (i32.const ${scope.next(FUNCTIONS + 1)}))`;
  }
  return `(call $f${Math.min(FUNCTIONS - 1, scope.index + scope.next(3))} ${args})`;
}

/** Instructions that work on ranges; now and then out of bounds. */
function rangeText(scope: Scope): string {
  const size = `(i32.const ${scope.next(40)})`;
  const at = `(i32.and ${expression(scope, 1)} (i32.const ${scope.next(30) === 0 ? '0xfffff' : '0xfff'}))`;
  const texts = [
    `(memory.fill ${at} ${expression(scope, 1)} ${size})`,
    `(memory.copy ${at} (i32.const ${scope.next(4000)}) ${size})`,
    `(memory.init $passive ${at} (i32.const 0) (i32.const ${scope.next(14)}))`,
    `(local.set ${local(scope)} (memory.grow (i32.const ${scope.next(2)})))`,
  ];
  return texts[scope.next(texts.length)] as string;
}

function branchText(scope: Scope): string {
  if (scope.labels === 0) return scope.next(20) === 0 ? `(if ${expression(scope, 1)} (then (unreachable)))` : '';
  return `(br_if ${scope.next(scope.labels)} ${expression(scope, 1)})`;
}

function ifText(scope: Scope): string {
  const inside = { ...scope, labels: scope.labels === 0 ? 0 : scope.labels + 1 };
  // Label 0 is the `if` itself; labels of loops are left out by shifting, see `loopBody`.
  return `(if ${expression(scope, 2)} (then ${statements({ ...inside, labels: 1 })}) (else ${statements({ ...inside, labels: 1 })}))`;
}

function blockText(scope: Scope): string {
  return `(block ${statements({ ...scope, labels: 1 })})`;
}

const counter = ({ loops }: Scope): string => `$c${loops}`;
const canLoop = ({ loops }: Scope): boolean => loops < 3;
const inLoop = (scope: Scope): Scope => ({ ...scope, loops: scope.loops + 1, labels: 0 });

/** Ends in `br_if 0`, with anything inside. */
function countingLoop(scope: Scope): string {
  if (!canLoop(scope)) return '';
  const c = counter(scope);
  return `(local.set ${c} (i32.const ${1 + scope.next(6)}))
    (loop ${statements(inLoop(scope))}
      (br_if 0 (local.tee ${c} (i32.sub (local.get ${c}) (i32.const 1)))))`;
}

/** What the rewriter unrolls: straight code, a counter that is compared. */
function straightLoop(scope: Scope): string {
  if (!canLoop(scope)) return '';
  const c = counter(scope);
  const inside = { ...inLoop(scope), depth: 0 };
  const body = Array.from({ length: 1 + scope.next(3) }, () => (scope.next(2) ? simpleSet(inside) : storeText(inside)));
  const turns = scope.next(40);
  const step = `(local.tee ${c} (i32.add (local.get ${c}) (i32.const 1)))`;
  const ends = [
    `(br_if 0 (i32.lt_u ${step} (i32.const ${turns})))`,
    `(br_if 0 (i32.ne ${step} (i32.const ${turns + 1})))`,
  ];
  const exit = scope.next(3) === 0 ? `(br_if 1 (i32.eq (local.get 0) (i32.const ${scope.next(50)})))` : '';
  return `(local.set ${c} (i32.const 0)) (block (loop ${body.join(' ')} ${exit} ${ends[scope.next(2)]}))`;
}

/** Leaves in the middle and goes back by `br`, from several places. */
function whileLoop(scope: Scope): string {
  if (!canLoop(scope)) return '';
  const c = counter(scope);
  return `(local.set ${c} (i32.const ${1 + scope.next(6)}))
    (block (loop
      (br_if 1 (i32.eqz (local.get ${c})))
      (local.set ${c} (i32.sub (local.get ${c}) (i32.const 1)))
      (if ${expression(scope, 1)} (then ${statements({ ...inLoop(scope), labels: 1 })} (br 1)))
      ${statements(inLoop(scope))}
      (br_if 0 ${expression(scope, 1)})
      ${simpleSet(scope)}
      (br 0)))`;
}

/** Goes back by `br_table`. */
function tableLoop(scope: Scope): string {
  if (!canLoop(scope)) return '';
  const c = counter(scope);
  return `(local.set ${c} (i32.const ${1 + scope.next(6)}))
    (block (loop
      (br_if 1 (i32.eqz (local.get ${c})))
      (local.set ${c} (i32.sub (local.get ${c}) (i32.const 1)))
      ${statements(inLoop(scope))}
      (br_table 0 1 0 (i32.and ${expression(scope, 1)} (i32.const 3)))))`;
}

const operators = ['add', 'sub', 'mul', 'xor', 'and', 'or', 'shl', 'rotl', 'lt_s', 'gt_u', 'eq'];

function expression(scope: Scope, depth: number): string {
  const { next } = scope;
  const kind = next(depth > 0 ? 9 : 3);
  const inner = (): string => expression(scope, depth - 1);
  if (kind === 0) return `(i32.const ${next(2) === 0 ? next(16) : next(0xffffffff)})`;
  if (kind <= 2) return `(local.get ${next(LOCALS)})`;
  if (kind === 3) return `(i32.load offset=${next(64)} (i32.and ${inner()} (i32.const 0xfff)))`;
  if (kind === 4) return `(i32.rem_u ${inner()} (i32.or ${inner()} (i32.const ${next(40) === 0 ? 0 : 1})))`;
  if (kind === 5) return `(i32.wrap_i64 (global.get $b))`;
  return `(i32.${operators[next(operators.length)]} ${inner()} ${inner()})`;
}
