// Prints how deep a guest gets on a stack of its own, in a process whose stacks were limited to so many bytes.
import { assemble } from '../../test/support/wat.ts';
import { limitStacks } from './stack-size.ts';

const bytes = Number(process.argv[2]);
if (bytes > 0) limitStacks(bytes);
const module = await WebAssembly.compile(
  (await assemble(`(module (global $depth (export "depth") (mut i32) (i32.const 0))
    (func $down (export "down") (global.set $depth (i32.add (global.get $depth) (i32.const 1))) (call $down)
      (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))))`)) as Uint8Array<ArrayBuffer>,
);
const { exports } = new WebAssembly.Instance(module);
const down = WebAssembly.promising(exports.down as () => void) as () => Promise<void>;
const error = await down().then(
  () => 'none',
  (thrown: Error) => thrown.name,
);
console.log(JSON.stringify({ error, depth: (exports.depth as WebAssembly.Global).value }));
