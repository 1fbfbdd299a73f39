// Compiles core modules. V8 validates each function at once, or, when it has done that before for the same bytes, each
// function when it is first called, which takes a quarter of the time. It never runs a function that it did not validate.
import { setFlagsFromString } from 'node:v8';
import { MayflyError, messageOf } from '../errors.ts';

/**
 * The number of compilations under way. The flag belongs to the process and compilations read it at any time, so it is
 * set only when this is 0.
 */
let underWay = 0;

/** Compiles a module, and validates all of its functions. Throws `component-corrupt` for one that is not valid. */
export async function compileFully(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  underWay++;
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const message = `A core module of the component does not compile: ${messageOf(cause)}`;
    throw new MayflyError('component-corrupt', message, { cause });
  } finally {
    underWay--;
  }
}

/** Compiles bytes that `compileFully` has compiled before, in whatever process. */
export function compileKnown(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  if (underWay > 0) return new WebAssembly.Module(bytes);
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString('--no-wasm-lazy-validation');
  }
}
