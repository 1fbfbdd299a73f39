// Components as text that must be refused, and what is said of each: for rejections.test.ts. A table, long by nature.

/** A memory, functions of several signatures, and a table, to make canonical functions of. */
export const LIBC = `
  (core module $libc (memory (export "m") 1) (table (export "t") 1 funcref) (table (export "x") 1 externref)
    (global (export "g") i32 (i32.const 0))
    (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "f")) (func (export "i") (param i32)) (func (export "cb") (param i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32) (result i32) unreachable) (func (export "l") (param i64)))
  (core instance $c (instantiate $libc))
  (alias core export $c "m" (core memory $m)) (alias core export $c "r" (core func $r))
  (alias core export $c "f" (core func $f)) (alias core export $c "i" (core func $i))
  (alias core export $c "cb" (core func $cb)) (alias core export $c "t" (core table $t))
  (alias core export $c "x" (core table $x)) (alias core export $c "l" (core func $l))
  (alias core export $c "ii" (core func $ii))`;

const SHARED = `(core module $s (memory (export "m") 1 1 shared)) (core instance $i (instantiate $s))
  (alias core export $i "m" (core memory $m))`;

const RESOURCE = '(type $r (resource (rep i32)))';

/** A component that wants something of type `wanted` gets one of type `given`. */
const supplied = (wanted: string, given: string, before = ''): string =>
  `${before} (import "x" ${given}) (component $c ${before} (import "y" ${wanted}))
   (instance (instantiate $c (with "y" (${/^\((core )?(\w+)/.exec(given)?.[0].slice(1)} 0))))`;

const func = (wanted: string, given: string, before = ''): string =>
  supplied(`(func ${wanted})`, `(func ${given})`, before);

/** Two functions that differ in the type of a parameter, which each defines. */
const values = (wanted: string, given: string): string => {
  const instance = (type: string): string =>
    `(instance (type $t ${type}) (export "t" (type $u (eq $t))) (export "f" (func (param "p" $u))))`;
  return supplied(instance(wanted), instance(given));
};
const inValue = (reason: string): string => `Type mismatch in import "y": Type mismatch in export "t": ${reason}`;

const linked = (wanted: string, given: string): string => `
  (core module $a ${given}) (core instance $i (instantiate $a))
  (core module $b (import "m" "x" ${wanted})) (core instance (instantiate $b (with "m" (instance $i))))`;
const inCore = (reason: string): string => `Type mismatch in import "m" "x": ${reason}`;

const modules = (wanted: string, given: string): string =>
  supplied(`(core module ${wanted})`, `(core module ${given})`);

/** A function of resource `$t` that goes through two components, and arrives with a resource of the same name. */
const through = (type: string, second: string): string => `${LIBC}
  (component $c (import "t" (type $t (sub resource))) (import "f" (func $f (param "x" ${type})))
    (instance $i (export "g" (func $f))) (export "i" (instance $i)))
  (component $d (import "t" (type $t (sub resource))) (import "i" (instance (export "g" (func (param "x" ${type}))))))
  (type $t (resource (rep i32))) (type $other (resource (rep i32)))
  (core module $n (func (export "one") (param i32)) (func (export "two") (param i32 i32)))
  (core instance $k (instantiate $n))
  (func $f (param "x" ${type}) (canon lift (core func $k "${/list|map|option|result/.test(type) ? 'two' : 'one'}") (memory $m) (realloc $r)))
  (instance $made (instantiate $c (with "t" (type $t)) (with "f" (func $f))))
  (instance (instantiate $d (with "t" (type ${second})) (with "i" (instance $made "i"))))`;
const throughTypes = [
  '(own $t)',
  '(borrow $t)',
  '(list (own $t))',
  '(tuple (own $t))',
  '(option (own $t))',
  '(result (own $t))',
  '(result (error (own $t)))',
  '(map u8 (own $t))',
  '(stream (own $t))',
  '(future (own $t))',
];

const many = (count: number, each: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => each(i)).join(' ');

export const cases: readonly (readonly [text: string, message: string])[] = [
  // index spaces
  ['(type (list 3))', 'Unknown type 3: index out of bounds'],
  ['(type (list 0))', 'Unknown type 0: index out of bounds'],
  ['(export "a" (func 0))', 'Unknown func 0: index out of bounds'],
  ['(export "a" (instance 0))', 'Unknown instance 0: index out of bounds'],
  ['(export "a" (component 0))', 'Unknown component 0: index out of bounds'],
  ['(export "a" (value 0))', 'Unknown value 0: index out of bounds'],
  ['(export "a" (core module 0))', 'Unknown core module 0: index out of bounds'],
  ['(core instance (instantiate 1))', 'Unknown core module 1: index out of bounds'],
  ['(instance (instantiate 0))', 'Unknown component 0: index out of bounds'],
  ['(core instance (export "a" (func 0)))', 'Unknown core func 0: index out of bounds'],
  ['(alias export 2 "a" (func))', 'Unknown instance 2: index out of bounds'],
  ['(alias core export 2 "a" (core func))', 'Unknown core instance 2: index out of bounds'],
  ['(type (func)) (core func (canon lower (func 1)))', 'Unknown func 1: index out of bounds'],
  [
    `${LIBC} (type $t (func)) (func (type $t) (canon lift (core func 77)))`,
    'Unknown core func 77: index out of bounds',
  ],
  ['(component (alias outer 4 0 (type)))', 'Invalid outer alias count of 4'],
  ['(component (alias outer 2 0 (type)))', 'Invalid outer alias count of 2'],
  ['(component (alias outer 1 0 (component)))', 'Unknown component 0: index out of bounds'],
  ['(component (alias outer 1 0 (core module)))', 'Unknown core module 0: index out of bounds'],
  // kinds of types
  ['(type $f (func)) (type (option $f))', 'Type 0 is not a defined value type'],
  [`${RESOURCE} (type (list $r))`, 'Type 0 is not a defined value type'],
  ['(type $t u8) (type (own $t))', 'Type 0 is not a resource type'],
  ['(type $t u8) (type (borrow $t))', 'Type 0 is not a resource type'],
  ['(type $t u8) (import "f" (func (type $t)))', 'Type 0 is not a func type'],
  ['(type $t u8) (import "i" (instance (type $t)))', 'Type 0 is not an instance type'],
  ['(type $t (func)) (import "i" (component (type $t)))', 'Type 0 is not a component type'],
  ['(type $t u8) (core func (canon resource.drop $t))', 'Type 0 is not a resource type'],
  ['(core type $t (func)) (import "m" (core module (type $t)))', 'Core type 0 is not a module type'],
  // value types
  ['(type (record))', 'At least one record field name is needed'],
  ['(type (list u8 0))', 'A list of fixed length cannot be empty'],
  [`(type (flags ${many(33, (i) => `"f${i}"`)}))`, 'Flags cannot have more than 32 labels'],
  ...['f32', 'f64', 'error-context'].map(
    (key) => [`(type (map ${key} u8))`, 'The keys of a map cannot be of this type'] as const,
  ),
  ['(type $l (list u8)) (type (map $l u8))', 'The keys of a map cannot be of this type'],
  [`${RESOURCE} (type (func (result (borrow $r))))`, 'A function result cannot contain a `borrow` type'],
  [`${RESOURCE} (type (func (result (list (borrow $r)))))`, 'A function result cannot contain a `borrow` type'],
  [
    `${RESOURCE} (type (func (result (result u8 (error (borrow $r))))))`,
    'A function result cannot contain a `borrow` type',
  ],
  [`${RESOURCE} (type (future (option (borrow $r))))`, 'A future cannot contain a `borrow` type'],
  [`${RESOURCE} (type (stream (borrow $r)))`, 'A stream cannot contain a `borrow` type'],
  ['(type (stream char))', '`stream<char>` is not valid'],
  ['(type (list u64 33554432))', 'Type exceeds the maximum byte size of 268435455'],
  [`(type (func ${many(1001, (i) => `(param "p${i}" u8)`)}))`, 'A function cannot have more than 1000 parameters'],
  ['(type (instance (type (resource (rep i32)))))', 'Resources can only be defined within a concrete component'],
  ['(type (component (type (resource (rep i32)))))', 'Resources can only be defined within a concrete component'],
  [`${LIBC} (type (resource (rep i32) (dtor (core func $f))))`, 'Core func 1 has the wrong signature for a destructor'],
  [`${LIBC} (type (resource (rep i32) (dtor (core func $l))))`, 'Core func 4 has the wrong signature for a destructor'],
  [
    `${LIBC} (type (resource (rep i32) (dtor (core func $ii))))`,
    'Core func 5 has the wrong signature for a destructor',
  ],
  // names
  ['(import "" (func))', 'The name is empty'],
  ['(import "a_b" (func))', 'The name "a_b" is not in kebab case'],
  ['(import "a-" (func))', 'The name "a-" is not in kebab case'],
  ['(import "aB" (func))', 'The name "aB" is not in kebab case'],
  ['(import "1a" (func))', 'The name "1a" is not in kebab case'],
  ['(type (record (field "" u8)))', 'The record field name is empty'],
  ['(type (record (field "aB" u8)))', 'The record field name "aB" is not in kebab case'],
  [
    '(type (variant (case "a") (case "A")))',
    'The variant case name "A" conflicts with the previous variant case name "a"',
  ],
  ['(type (enum "a" "A"))', 'The enum case name "A" conflicts with the previous enum case name "a"'],
  ['(type (flags "a" "a"))', 'The flag name "a" conflicts with the previous flag name "a"'],
  [
    '(type (func (param "a" u8) (param "A" u8)))',
    'The function parameter name "A" conflicts with the previous function parameter name "a"',
  ],
  ['(type (func (param "" u8)))', 'The function parameter name is empty'],
  ['(import "a" (func)) (import "A" (func))', 'The import name "A" conflicts with the previous name "a"'],
  [
    '(import "a" (func $f)) (export "b" (func $f)) (export "B" (func $f))',
    'The export name "B" conflicts with the previous name "b"',
  ],
  ['(import "[foo]a" (func))', 'Unknown annotation "[foo]" in "[foo]a"'],
  ['(import "[method]a" (func))', 'The name "[method]a" has no "."'],
  ['(import "[method].b" (func))', 'The resource in "[method].b" is empty'],
  ['(import "[method]a." (func))', 'The function in "[method]a." is empty'],
  ['(import "[static]a.b_c" (func))', 'The function in "[static]a.b_c" "b_c" is not in kebab case'],
  ['(import "[constructor]" (func))', 'The resource in "[constructor]" is empty'],
  ['(import "a:b" (func))', '"a:b" is not the name of an interface'],
  ['(import "a:b/c/d" (func))', '"a:b/c/d" is not the name of an interface'],
  ['(import "A:b/c" (instance))', '"A" in "A:b/c" is not in kebab case without capitals'],
  ['(import "a:b-C/c" (instance))', '"b-C" in "a:b-C/c" is not in kebab case without capitals'],
  ['(import "a:b/" (instance))', 'The interface in "a:b/" is empty'],
  ['(import "a:b/c@1.x" (instance))', '"1.x" in "a:b/c@1.x" is not a version'],
  ['(import "a:b/c@01.0.0" (instance))', '"01.0.0" in "a:b/c@01.0.0" is not a version'],
  ['(import "a:b/c@" (instance))', '"" in "a:b/c@" is not a version'],
  ['(import "a" (implements "x:y/z") (func))', 'Only instances can have an `implements` attribute'],
  ['(import "a:b/c" (implements "x:y/z") (instance))', 'The `implements` attribute needs a plain name'],
  ['(import "a" (implements "x") (instance))', '"x" is not the name of an interface'],
  // annotated names
  ['(import "[constructor]r" (instance))', 'A constructor must be a func'],
  ['(import "[method]r.m" (instance))', 'A method must be a func'],
  ['(import "[static]r.m" (instance))', 'A static must be a func'],
  ...(
    [
      ['"[static]s.m" (func)', 'No resource "s" is known in this scope'],
      ['"[constructor]r" (func)', 'A constructor must return one value'],
      ['"[constructor]r" (func (result u8))', 'A constructor must return `(own $T)` or `(result (own $T))`'],
      ['"[constructor]r" (func (result (result u8)))', 'A constructor must return `(own $T)` or `(result (own $T))`'],
      ['"[constructor]s" (func (result (own $r)))', 'The function is of resource "r", its name says "s"'],
      ['"[method]r.m" (func)', 'A method must have at least one parameter'],
      ['"[method]r.m" (func (param "me" (borrow $r)))', 'The first parameter of a method must be called "self"'],
      ['"[method]r.m" (func (param "self" (own $r)))', 'The first parameter of a method must be a `(borrow $T)`'],
      ['"[method]s.m" (func (param "self" (borrow $r)))', 'The function is of resource "r", its name says "s"'],
      ['"R" (func)', 'The import name "R" conflicts with the previous name "r"'],
    ] as const
  ).map(([text, message]) => [`(import "r" (type $r (sub resource))) (import ${text})`, message] as const),
  [
    `${RESOURCE} (import "[constructor]r" (func (result (own $r))))`,
    'The resource that the function uses does not have a name in this scope',
  ],
  // visibility
  [
    `${RESOURCE} (import "f" (func (param "x" (own $r))))`,
    'The func is not valid to be used as import: it refers to a type without a name there',
  ],
  ...['(record (field "x" u32))', '(variant (case "x"))', '(enum "x")', '(flags "x")'].flatMap((type) => [
    [
      `(type $t ${type}) (import "f" (func (param "x" $t)))`,
      'The func is not valid to be used as import: it refers to a type without a name there',
    ] as const,
    [
      `(type $t ${type}) (import "f" (func (result (option $t))))`,
      'The func is not valid to be used as import: it refers to a type without a name there',
    ] as const,
  ]),
  ...[
    '(list $t)',
    '(tuple u8 $t)',
    '(result (error $t))',
    '(result $t)',
    '(stream $t)',
    '(future $t)',
    '(map u8 $t)',
    '(list $t 3)',
  ].map(
    (type) =>
      [
        `(type $t (enum "x")) (import "f" (func (param "x" ${type})))`,
        'The func is not valid to be used as import: it refers to a type without a name there',
      ] as const,
  ),
  ...['(record (field "a" $t))', '(variant (case "a" $t))', '(tuple $t)', '(option $t)'].map(
    (type) =>
      [
        `(type $t (enum "x")) (type $u ${type}) (import "u" (type (eq $u)))`,
        'The type is not valid to be used as import: it refers to a type without a name there',
      ] as const,
  ),
  [
    '(type $t (enum "x")) (type $f (func (param "x" $t))) (import "f" (type (eq $f)))',
    'The type is not valid to be used as import: it refers to a type without a name there',
  ],
  [
    '(type $t (enum "x")) (import "i" (instance (alias outer 1 $t (type $u)) (export "f" (func (param "x" $u)))))',
    'The instance is not valid to be used as import: it refers to a type without a name there',
  ],
  [
    '(type $t (enum "x")) (type $i (instance (alias outer 1 $t (type $u)) (export "f" (func (param "x" $u))))) (import "i" (type (eq $i)))',
    'The type is not valid to be used as import: it refers to a type without a name there',
  ],
  [
    `${LIBC} (type $t (enum "x")) (func $g (param "e" $t) (canon lift (core func $i))) (export "g" (func $g))`,
    'The func is not valid to be used as export: it refers to a type without a name there',
  ],
  // aliases
  ['(import "i" (instance $i)) (alias export $i "f" (func))', 'Instance 0 has no export named "f"'],
  [
    '(import "i" (instance $i (export "f" (func)))) (alias export $i "f" (instance))',
    'Export "f" of instance 0 is not a instance, but a func',
  ],
  [
    '(import "i" (instance $i (export "f" (func)))) (alias export $i "f" (core module))',
    'Export "f" of instance 0 is not a core module, but a func',
  ],
  [`${LIBC} (alias core export $c "no" (core func))`, 'Core instance 0 has no export named "no"'],
  [`${LIBC} (alias core export $c "m" (core func))`, 'Export "m" of core instance 0 is not a func'],
  [`${LIBC} (alias core export $c "f" (core memory))`, 'Export "f" of core instance 0 is not a memory'],
  [
    '(component $x) (type (instance (alias outer 1 $x (component))))',
    'Aliases in component and instance types may only refer to types or instances',
  ],
  [
    '(core module $x) (type (component (alias outer 1 $x (core module))))',
    'Aliases in component and instance types may only refer to types or instances',
  ],
  [
    '(type (instance (export "i" (instance $i (export "f" (func)))) (alias export $i "f" (func))))',
    'Aliases in component and instance types may only refer to types or instances',
  ],
  [
    '(type (component (import "i" (instance $i (export "c" (component)))) (alias export $i "c" (component))))',
    'Aliases in component and instance types may only refer to types or instances',
  ],
  [
    `${RESOURCE} (component (alias outer 1 $r (type)))`,
    'Type 0 of the outer component transitively refers to resources',
  ],
  [
    `${RESOURCE} (type (list (own $r))) (component (alias outer 1 1 (type)))`,
    'Type 1 of the outer component transitively refers to resources',
  ],
  [
    '(import "r" (type $r (sub resource))) (component (component (alias outer 2 $r (type))))',
    'Type 0 of the outer component transitively refers to resources',
  ],
  ...[
    '(record (field "a" (own $r)))',
    '(variant (case "a") (case "b" (own $r)))',
    '(tuple u8 (own $r))',
    '(list (own $r))',
    '(map u8 (own $r))',
    '(option (own $r))',
    '(result (own $r))',
    '(result (error (own $r)))',
    '(stream (own $r))',
    '(future (own $r))',
    '(func (param "a" (own $r)))',
    '(func (result (own $r)))',
    '(instance (alias outer 1 $r (type $q)) (export "q" (type (eq $q))))',
    '(component (alias outer 1 $r (type $q)) (import "q" (type (eq $q))))',
  ].map(
    (type) =>
      [
        `${RESOURCE} (type $t ${type}) (component (alias outer 1 $t (type)))`,
        `Type ${type.includes('own') ? 2 : 1} of the outer component transitively refers to resources`,
      ] as const,
  ),
  [
    '(type $e (enum "x")) (export $x "e" (type $e)) (import "f" (func (param "p" $x)))',
    'The func is not valid to be used as import: it refers to a type without a name there',
  ],
  // core modules and their types
  ['(core module (import "a" "b" (func)) (import "a" "b" (func)))', 'Duplicate import name "a" "b" of a core module'],
  [
    '(core type (module (import "a" "b" (func)) (import "a" "b" (memory 1))))',
    'Duplicate import name "a" "b" of a core module',
  ],
  [
    '(core type (module (export "a" (func)) (export "a" (func))))',
    'Export name "a" of a core module is already defined',
  ],
  ['(core type (module (import "a" "b" (memory 2 1))))', 'The minimum of a memory is greater than its maximum'],
  ['(core type (module (export "b" (table 2 1 funcref))))', 'The minimum of a table is greater than its maximum'],
  ['(core type (module (import "a" "b" (memory 65537))))', 'The memory size must be at most 65536 pages'],
  ['(core type (module (import "a" "b" (memory 1 65537))))', 'The memory size must be at most 65536 pages'],
  [
    '(core type (module (import "a" "b" (memory i64 281474976710657))))',
    'The memory size must be at most 281474976710656 pages',
  ],
  ['(core type (module (import "a" "b" (memory 1 shared))))', 'A shared memory must have a maximum'],
  ['(core type (module (import "a" "b" (memory 1 (pagesize 4)))))', 'The page size must be 1 or 65,536 bytes'],
  ['(core type (module (import "a" "b" (tag (result i32)))))', 'A tag cannot have results'],
  // core instances
  [`${LIBC} (core instance (export "a" (func $f)) (export "a" (memory $m)))`, 'Export name "a" is already defined'],
  [
    '(core module $m) (core instance $n) (core instance (instantiate $m (with "a" (instance $n)) (with "a" (instance $n))))',
    'Duplicate argument "a" of a core module',
  ],
  [
    '(core module $m (import "a" "b" (func))) (core instance (instantiate $m))',
    'Missing argument "a" of a core module',
  ],
  [linked('(func)', ''), 'Argument "m" does not export an item named "x"'],
  [linked('(func)', '(memory (export "x") 1)'), inCore('expected func, found memory')],
  [linked('(func)', '(func (export "x") (param i32))'), inCore('expected [] -> [], found [i32] -> []')],
  [
    linked('(func (param i32) (result i32))', '(func (export "x") (param i32) (result i64) unreachable)'),
    inCore('expected [i32] -> [i32], found [i32] -> [i64]'),
  ],
  [linked('(tag (param i32))', '(tag (export "x") (param i64))'), inCore('expected [i32] -> [], found [i64] -> []')],
  [linked('(memory 2)', '(memory (export "x") 1)'), inCore('expected a minimum of 2, found 1')],
  [linked('(memory 1 2)', '(memory (export "x") 1)'), inCore('expected a maximum of 2, found none')],
  [linked('(memory 1 2)', '(memory (export "x") 1 3)'), inCore('expected a maximum of 2, found 3')],
  [linked('(memory 1 2)', '(memory (export "x") 1 2 shared)'), inCore('one is shared, the other is not')],
  [linked('(memory 1)', '(memory (export "x") i64 1)'), inCore('one has 64-bit addresses, the other has not')],
  [linked('(memory 1)', '(memory (export "x") 1 (pagesize 1))'), inCore('page sizes differ')],
  [
    linked('(table 1 funcref)', '(table (export "x") 1 externref)'),
    inCore('expected elements of type funcref, found externref'),
  ],
  [linked('(table 2 funcref)', '(table (export "x") 1 funcref)'), inCore('expected a minimum of 2, found 1')],
  [linked('(global i32)', '(global (export "x") (mut i32) (i32.const 0))'), inCore('one is mutable, the other is not')],
  [linked('(global i32)', '(global (export "x") i64 (i64.const 0))'), inCore('expected i32, found i64')],
  // instances
  [
    '(component $c) (import "f" (func $f)) (instance (instantiate $c (with "a" (func $f)) (with "a" (func $f))))',
    'Argument "a" conflicts with a previous argument',
  ],
  ['(component $c (import "y" (func))) (instance (instantiate $c))', 'Missing import named "y"'],
  [
    '(import "f" (func $f)) (instance (export "a" (func $f)) (export "A" (func $f)))',
    'The export name "A" conflicts with the previous name "a"',
  ],
  [supplied('(func)', '(instance)'), 'Type mismatch in import "y": Expected a func, found an instance'],
  [supplied('(core module)', '(func)'), 'Type mismatch in import "y": Expected a core module, found a func'],
  // functions
  [func('async', ''), 'Type mismatch in import "y": One function type is async, the other is not'],
  [func('', 'async'), 'Type mismatch in import "y": One function type is async, the other is not'],
  [func('(param "a" u8)', ''), 'Type mismatch in import "y": Expected 1 parameters, found 0'],
  [func('', '(param "a" u8)'), 'Type mismatch in import "y": Expected 0 parameters, found 1'],
  [func('(param "a" u8)', '(param "b" u8)'), 'Type mismatch in import "y": Expected a parameter named "a", found "b"'],
  [
    func('(param "a" u8)', '(param "a" s8)'),
    'Type mismatch in import "y": Type mismatch in parameter "a": Expected u8, found s8',
  ],
  [
    func('(result u8)', '(result u16)'),
    'Type mismatch in import "y": Type mismatch in the result: Expected u8, found u16',
  ],
  [func('(result u8)', ''), 'Type mismatch in import "y": Expected a result'],
  [func('', '(result u8)'), 'Type mismatch in import "y": Expected no result'],
  // values types that differ
  [values('u8', '(list u8)'), inValue('Expected u8, found list')],
  [values('(list u8 2)', '(list u8 3)'), inValue('Lengths of the lists differ')],
  [values('(list u8)', '(list u8 3)'), inValue('Lengths of the lists differ')],
  [values('(list u8)', '(list u16)'), inValue('Expected u8, found u16')],
  [values('(tuple u8 u8)', '(tuple u8)'), inValue('Expected 2 types, found 1')],
  [values('(tuple u8 u8)', '(tuple u8 s8)'), inValue('Expected u8, found s8')],
  [values('(map u8 u8)', '(map u8 string)'), inValue('Expected u8, found string')],
  [values('(map u8 u8)', '(map string u8)'), inValue('Expected u8, found string')],
  [values('(option u8)', '(option u16)'), inValue('Expected u8, found u16')],
  [values('(result u8)', '(result u8 (error u8))'), inValue('Expected no error type')],
  [values('(result u8)', '(result)'), inValue('Expected a ok type')],
  [values('(result (error u8))', '(result (error u16))'), inValue('Expected u8, found u16')],
  [values('(stream u8)', '(stream)'), inValue('Expected a element type')],
  [values('(future u8)', '(future u16)'), inValue('Expected u8, found u16')],
  [values('(record (field "a" u8))', '(record (field "a" u8) (field "b" u8))'), inValue('Expected 1 fields, found 2')],
  [values('(record (field "a" u8))', '(record (field "b" u8))'), inValue('Expected a field named "a", found "b"')],
  [values('(record (field "a" u8))', '(record (field "a" u16))'), inValue('Expected u8, found u16')],
  [values('(variant (case "a" u8))', '(variant (case "a"))'), inValue('Expected a type of case "a"')],
  [values('(variant (case "a"))', '(variant (case "a") (case "b"))'), inValue('Expected 1 cases, found 2')],
  [values('(enum "a" "b")', '(enum "a" "c")'), inValue('Expected enum of a, b, found a, c')],
  [values('(enum "a" "b")', '(enum "a" "b" "c")'), inValue('Expected enum of a, b, found a, b, c')],
  [values('(flags "a" "b")', '(flags "b" "a")'), inValue('Expected flags of a, b, found b, a')],
  // instances, components, modules
  [
    supplied('(instance (export "f" (func)))', '(instance)'),
    'Type mismatch in import "y": Missing expected export "f"',
  ],
  [
    supplied('(instance (export "f" (func)))', '(instance (export "f" (func (result u8))))'),
    'Type mismatch in import "y": Type mismatch in export "f": Expected no result',
  ],
  [
    supplied('(component (export "f" (func)))', '(component)'),
    'Type mismatch in import "y": Missing expected export "f"',
  ],
  [supplied('(component)', '(component (import "f" (func)))'), 'Type mismatch in import "y": Missing import named "f"'],
  [modules('(export "f" (func))', ''), 'Type mismatch in import "y": Missing expected export "f"'],
  [
    modules('(export "f" (func))', '(export "f" (memory 1))'),
    'Type mismatch in import "y": Type mismatch in export "f": expected func, found memory',
  ],
  [modules('', '(import "a" "f" (func))'), 'Type mismatch in import "y": Missing expected import "a" "f"'],
  [
    modules('(import "a" "f" (memory 1))', '(import "a" "f" (memory 2))'),
    'Type mismatch in import "y": Type mismatch in import "a" "f": expected a minimum of 2, found 1',
  ],
  // types as definitions
  [
    '(component $c (type $x u8) (import "t" (type (eq $x)))) (type $f (func)) (instance (instantiate $c (with "t" (type $f))))',
    'Type mismatch in import "t": Expected a value type, found a func type',
  ],
  [
    '(component $c (import "t" (type (sub resource)))) (type $v u8) (instance (instantiate $c (with "t" (type $v))))',
    'Type mismatch in import "t": Expected a resource type, found a value type',
  ],
  [
    `(component $c (import "a" (type $a (sub resource))) (import "b" (type (eq $a)))) ${RESOURCE} (type $s (resource (rep i32)))
     (instance (instantiate $c (with "a" (type $r)) (with "b" (type $s))))`,
    'Type mismatch in import "b": Resource types are not the same',
  ],
  [
    `(component $c (import "a" (type $a (sub resource))) (import "b" (type $b (sub resource))) (import "f" (func (param "x" (own $a)))))
     (import "a" (type $a (sub resource))) (import "b" (type $b (sub resource))) (import "f" (func $f (param "x" (own $b))))
     (instance (instantiate $c (with "a" (type $a)) (with "b" (type $b)) (with "f" (func $f))))`,
    'Type mismatch in import "f": Type mismatch in parameter "x": Resource types are not the same',
  ],
  ...throughTypes.map(
    (type) =>
      [
        through(type, '$other'),
        'Type mismatch in import "i": Type mismatch in export "g": Type mismatch in parameter "x": Resource types are not the same',
      ] as const,
  ),
  // a finished component
  [
    `${RESOURCE} (type $t (component (alias outer 1 $r (type $q)) (export "q" (type (eq $q))))) (import "t" (type (eq $t)))`,
    'An import refers to a resource type that this component defines',
  ],
  [
    `${RESOURCE} (type $t (component (alias outer 1 $r (type $q)) (export "q" (type (eq $q))))) (export "t" (type $t))`,
    'An export refers to a resource type that is not exported itself',
  ],
  [
    `(component $c ${RESOURCE} (export "r" (type $r))) (instance $i (instantiate $c)) (alias export $i "r" (type $r))
     (type $t (component (alias outer 1 $r (type $q)) (export "q" (type (eq $q))))) (export "t" (type $t))`,
    'An export refers to a resource type that is not exported itself',
  ],
  // canonical functions
  ...(
    [
      ['(param "x" f32)', '(core func $f)', 'Core func 1 is [] -> [], lifting it needs [f32] -> []'],
      ['(result u8)', '(core func $i)', 'Core func 2 is [i32] -> [], lifting it needs [] -> [i32]'],
      ['(param "x" string)', '(core func $f)', 'Core func 1 is [] -> [], lifting it needs [i32 i32] -> []'],
      ['(param "x" string) (result u8)', '(core func $ii)', 'The canonical option `memory` is required'],
      ['(param "x" string) (result u8)', '(core func $ii) (memory $m)', 'The canonical option `realloc` is required'],
      [
        '(param "x" u32) (param "y" u32) (result u32)',
        '(core func $ii) (realloc $r)',
        'The canonical option `realloc` requires `memory`, too',
      ],
      [
        '(param "x" u32) (param "y" u32) (result u32)',
        '(core func $ii) (memory $m) (realloc $f)',
        'The canonical option `realloc` has a core function with an incorrect signature',
      ],
      [
        '(param "x" u32) (param "y" u32) (result u32)',
        '(core func $ii) (memory $m) (realloc $cb)',
        'The canonical option `realloc` has a core function with an incorrect signature',
      ],
      [
        '(param "x" u32) (param "y" u32) (result u32)',
        '(core func $ii) (post-return (core func $f))',
        'The canonical option `post-return` has a core function with an incorrect signature',
      ],
      ['(param "x" u32)', '(core func $i) async', 'The `async` canonical option requires an async function type'],
      [
        'async (param "x" u32)',
        '(core func $i) async (post-return (core func $f))',
        'The canonical option `post-return` cannot be used together with `async`',
      ],
      [
        'async (param "x" u32)',
        '(core func $i) (callback (core func $cb))',
        'The canonical option `callback` requires `async`',
      ],
      [
        'async (param "x" u32) (param "y" u32)',
        '(core func $ii) async (callback (core func $i))',
        'The canonical option `callback` has a core function with an incorrect signature',
      ],
      [
        'async (param "x" u32)',
        '(core func $i) async (callback (core func $cb))',
        'Core func 2 is [i32] -> [], lifting it needs [i32] -> [i32]',
      ],
      [
        'async (param "x" u32) (param "y" u32)',
        '(core func $ii) async',
        'Core func 5 is [i32 i32] -> [i32], lifting it needs [i32 i32] -> []',
      ],
      [
        `(param "x" u32) ${many(16, (i) => `(param "p${i}" u32)`)}`,
        '(core func $i)',
        'The canonical option `memory` is required',
      ],
      [
        `(param "x" u32) ${many(16, (i) => `(param "p${i}" u32)`)}`,
        '(core func $i) (memory $m)',
        'The canonical option `realloc` is required',
      ],
    ] as const
  ).map(([type, options, message]) => [`${LIBC} (func ${type} (canon lift ${options}))`, message] as const),
  ...(
    [
      ['(param "x" string)', '', 'The canonical option `memory` is required'],
      ['(result string)', '(memory $m)', 'The canonical option `realloc` is required'],
      ['(result (tuple u8 u8))', '', 'The canonical option `memory` is required'],
      [many(17, (i) => `(param "p${i}" u32)`), '', 'The canonical option `memory` is required'],
      ['', 'async', 'The `async` canonical option requires an async function type'],
      ['async (result u8)', 'async', 'The canonical option `memory` is required'],
      [`async ${many(5, (i) => `(param "p${i}" u32)`)}`, 'async', 'The canonical option `memory` is required'],
      ['', '(post-return $f)', 'The canonical option `post-return` is only for lifting'],
      ['async', 'async (callback $cb)', 'The canonical option `callback` is only for lifting'],
      [
        '(param "x" string)',
        '(memory $m) (realloc $i)',
        'The canonical option `realloc` has a core function with an incorrect signature',
      ],
    ] as const
  ).map(
    ([type, options, message]) =>
      [`${LIBC} (import "g" (func $g ${type})) (core func (canon lower (func $g) ${options}))`, message] as const,
  ),
  [
    `${SHARED} (import "g" (func $g (param "x" string))) (core func (canon lower (func $g) (memory $m)))`,
    'Core memory 0 is shared, and cannot be used by canonical functions',
  ],
  [
    `${SHARED} (core func (canon waitable-set.wait (memory $m)))`,
    'Core memory 0 is shared, and cannot be used by canonical functions',
  ],
  ['(import "r" (type $r (sub resource))) (core func (canon resource.new $r))', 'Type 0 is not a local resource'],
  ['(import "r" (type $r (sub resource))) (core func (canon resource.rep $r))', 'Type 0 is not a local resource'],
  // built-ins
  ...(
    [
      ['(type $t (stream u8))', 'future.new $t', 'Type 0 is not a future type'],
      ['(type $t (future u8))', 'stream.read $t (memory $m)', 'Type 0 is not a stream type'],
      ['(type $t (stream u8))', 'stream.read $t', 'The canonical option `memory` is required'],
      ['(type $t (stream u8))', 'stream.write $t', 'The canonical option `memory` is required'],
      ['(type $t (stream string))', 'stream.read $t (memory $m)', 'The canonical option `realloc` is required'],
      [
        '(type $t (future u8))',
        'future.read $t (memory $m) (callback $cb)',
        'The canonical option `callback` is only for lifting',
      ],
      ['', 'context.get i32 2', 'context.get has no slot 2'],
      ['', 'context.set i32 2', 'context.set has no slot 2'],
      ['', 'error-context.new', 'The canonical option `memory` is required'],
      ['', 'error-context.new async (memory $m)', 'The canonical option `async` cannot be used here'],
      ['', 'error-context.debug-message (memory $m)', 'The canonical option `realloc` is required'],
      ['', 'task.return (result string)', 'The canonical option `memory` is required'],
      [
        '',
        'task.return (result u8) (memory $m) (realloc $r)',
        'The canonical option `realloc` cannot be used with task.return',
      ],
      ['', 'task.return async', 'The canonical option `async` cannot be used here'],
      [RESOURCE, 'task.return (result (borrow $r))', 'A function result cannot contain a `borrow` type'],
      [
        '(core type $ft (func (param i32 i32)))',
        'thread.new-indirect $ft (core table $t)',
        'Core type 0 is not `(func (param i32))`',
      ],
      [
        '(core type $ft (func (param i32) (result i32)))',
        'thread.new-indirect $ft (core table $t)',
        'Core type 0 is not `(func (param i32))`',
      ],
      [
        '(core type $ft (func (param i32)))',
        'thread.new-indirect $ft (core table $x)',
        'Core table 1 must have elements of type funcref',
      ],
    ] as const
  ).map(([before, canon, message]) => [`${before} ${LIBC} (core func (canon ${canon}))`, message] as const),
  [
    '(core func (canon context.get i32 0)) (core func (canon context.set i64 1))',
    'All context slots of a component must have the same type',
  ],
  // values and start functions
  ['(import "f" (func $f (param "x" u8))) (start $f)', 'The start function has 1 parameters'],
  ['(import "f" (func $f (result u8))) (start $f)', 'The start function has 1 results'],
  ['(import "f" (func $f)) (start $f (result (value $x)))', 'The start function has 0 results'],
  // limits
  [`(type u8) ${many(100, (i) => `(type (list ${i}))`)}`, 'Type nesting is deeper than 100 levels'],
  [
    `(type u8) ${many(40, (i) => `(type (tuple ${2 * i} ${2 * i})) (type (list ${2 * i + 1}))`)}`,
    'Type consists of more than 100000 parts',
  ],
  [
    `(type (instance (export "r" (type (sub resource))))) ${many(
      60,
      (i) => `(type (instance (alias outer 1 ${i} (type))
       (export "a" (instance (type 0))) (export "b" (instance (type 0)))))`,
    )}`,
    'Types expand to more than 200000 parts',
  ],
  [
    `${LIBC} (import "w" (func $w ${many(1000, (i) => `(param "p${i}" u8)`)}))
     ${many(10_000, () => '(core func (canon lower (func $w) (memory $m)))')} (core func (canon lower (func $w) (memory $m)))`,
    'Validation takes more than 10000000 steps',
  ],
];

/** The nearest to these that must be accepted. */
export const accepted: readonly string[] = [
  ...throughTypes.map((type) => through(type, '$t')),
  // a resource that a type introduces itself is known inside alone
  `(type $t (instance (export "r" (type $r (sub resource))) (export "f" (func (param "x" (own $r))))))
   (component (alias outer 1 $t (type)))`,
  `(type $t (component (import "r" (type $r (sub resource))) (export "f" (func (param "x" (own $r))))))
   (component (alias outer 1 $t (type)))`,
  // what is imported may stand in exports, too
  `${LIBC} (type $e (enum "x")) (import "e" (type $x (eq $e)))
   (func $g (param "p" $x) (canon lift (core func $i))) (export "g" (func $g))`,
  `(type u8) ${many(99, (i) => `(type (list ${i}))`)}`,
  `${LIBC} (import "w" (func $w ${many(1000, (i) => `(param "p${i}" u8)`)}))
   ${many(9_990, () => '(core func (canon lower (func $w) (memory $m)))')}`,
  `(type (flags ${many(32, (i) => `"f${i}"`)}))`,
  '(type (list u64 33554431))',
  '(type (list u8 1))',
  '(type (map char u8))',
  `${RESOURCE} (type (func (result (own $r)))) (type (stream (own $r))) (type (future char)) (type (stream string))`,
  `${RESOURCE} (type (func (param "x" (list (borrow $r)))))`,
  `${LIBC} (type (resource (rep i32) (dtor (core func $i))))`,
  '(import "a-b2-CD" (func)) (import "a" (func)) (import "b" (func)) (import "a:b-2/c-D@1.2.3-rc.1+x" (instance))',
  ...['a:b/c', 'a:b/c@1', 'a:b/c@0.2', 'a:b/c@0.0.0', 'a:b/c@0.0.9', 'a:b/c@10.20.30'].map(
    (name) => `(import "${name}" (instance))`,
  ),
  '(import "a" (implements "x:y/z") (instance))',
  '(import "r" (type $r (sub resource))) (import "[constructor]r" (func (result (result (own $r)))))',
  '(import "r" (type $r (sub resource))) (import "[constructor]r" (func (result (own $r)))) (import "[static]r.s" (func))',
  '(import "r" (type $r (sub resource))) (import "[method]r.m" (func (param "self" (borrow $r)) (param "x" u8)))',
  ...['(record (field "x" u32))', '(variant (case "x"))', '(enum "x")', '(flags "x")'].map(
    (type) =>
      `(type $t ${type}) (import "t" (type $u (eq $t))) (import "f" (func (param "x" (list $u)) (result (option $u))))`,
  ),
  '(import "i" (instance $i (export "f" (func)))) (alias export $i "f" (func))',
  '(type (instance (export "i" (instance $i (export "t" (type (sub resource))))) (alias export $i "t" (type))))',
  '(type (component (import "i" (instance $i (export "j" (instance)))) (alias export $i "j" (instance))))',
  `(type $t (record (field "a" u8))) (component (alias outer 1 $t (type)) (component $x) (component (alias outer 1 $x (component))))`,
  `${RESOURCE} (type (instance (alias outer 1 $r (type))))`,
  '(core type (module (import "a" "b" (memory 65536 65536)) (import "a" "c" (table 2 2 funcref)) (export "a" (memory 1 1 shared))))',
  '(core type (module (import "a" "b" (memory 4294967296 (pagesize 1))) (import "a" "c" (memory i64 281474976710656))))'.replace(
    '4294967296',
    '65537',
  ),
  '(core type (module (import "a" "b" (tag (param i32)))))',
  `${LIBC} (core instance (export "a" (func $f)) (export "b" (func $f)) (export "c" (memory $m)))`,
  linked('(func (param i32) (result i32))', '(func (export "x") (param i32) (result i32) unreachable)'),
  linked('(tag (param i32))', '(tag (export "x") (param i32))'),
  linked('(memory 1 2)', '(memory (export "x") 1 2)'),
  linked('(memory 1)', '(memory (export "x") 2)'),
  linked('(memory 1 2 shared)', '(memory (export "x") 1 2 shared)'),
  linked('(table 1 2 funcref)', '(table (export "x") 1 2 funcref)'),
  linked('(global (mut i64))', '(global (export "x") (mut i64) (i64.const 0))'),
  supplied('(instance)', '(instance (export "f" (func)))'),
  supplied('(component (import "f" (func)))', '(component (export "f" (func)))'),
  modules('(import "a" "f" (func)) (export "g" (func))', '(export "f" (func)) (export "g" (func))'),
  ...[
    'u8',
    '(list u8 2)',
    '(tuple u8 s8)',
    '(map u8 string)',
    '(option u8)',
    '(result)',
    '(result u8 (error u16))',
    '(stream)',
    '(stream u8)',
    '(future u8)',
    '(record (field "a" u8))',
    '(variant (case "a" u8) (case "b"))',
    '(enum "a" "b")',
    '(flags "a" "b")',
  ].map((type) => values(type, type)),
  func('async (param "a" u8) (result u16)', 'async (param "a" u8) (result u16)'),
  ...(
    [
      [
        '(param "x" u32) (param "y" u32) (result u32)',
        '(core func $ii) (memory $m) (realloc $r) (post-return (core func $i))',
      ],
      ['(param "x" string) (result u8)', '(core func $ii) (memory $m) (realloc $r)'],
      ['(result string)', '(core func $s) (memory $m)'],
      ['async (param "x" u32)', '(core func $i) async'],
      ['async (result string)', '(core func $s) async (memory $m) (callback (core func $cb))'],
    ] as const
  ).map(
    ([
      type,
      options,
    ]) => `${LIBC} (core module $n (func (export "s") (result i32) unreachable)) (core instance $d (instantiate $n))
    (alias core export $d "s" (core func $s)) (func ${type} (canon lift ${options}))`,
  ),
  ...(
    [
      [many(16, (i) => `(param "p${i}" u32)`), ''],
      ['(result u32)', ''],
      ['async', 'async'],
      [`async ${many(4, (i) => `(param "p${i}" u32)`)}`, 'async'],
      ['(param "x" string)', '(memory $m)'],
      ['(result string)', '(memory $m) (realloc $r)'],
    ] as const
  ).map(([type, options]) => `${LIBC} (import "g" (func $g ${type})) (core func (canon lower (func $g) ${options}))`),
  ...(
    [
      ['(type $t (stream))', 'stream.read $t'],
      ['(type $t (stream string))', 'stream.write $t (memory $m)'],
      ['(type $t (future string))', 'future.read $t (memory $m) (realloc $r) async'],
      ['', 'context.get i64 1'],
      ['', 'task.return (result u8)'],
      ['', 'task.return (result string) (memory $m)'],
      ['(core type $ft (func (param i32)))', 'thread.new-indirect $ft (core table $t)'],
      ['(core type $ft (func (param i64)))', 'thread.new-indirect $ft (core table $t)'],
    ] as const
  ).map(([before, canon]) => `${before} ${LIBC} (core func (canon ${canon}))`),
  '(core func (canon context.get i32 0)) (core func (canon context.set i32 1))',
  `${RESOURCE} (core func (canon resource.new $r)) (core func (canon resource.rep $r)) (core func (canon resource.drop $r))`,
];
