// The first eight bytes: is this a component, a core module, or no WebAssembly at all?
// design/mvp/Binary.md#component-definitions

import { MayflyError } from '../../errors.ts';

export const PREAMBLE_LENGTH = 8;
const COMPONENT_VERSION = 0x0d;
const COMPONENT_LAYER = 1;
const MODULE_VERSION = 1;
const MODULE_LAYER = 0;

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Whether the magic `\0asm` is there, whatever follows. */
function looksLikeWebAssembly(bytes: Uint8Array): boolean {
  return bytes[0] === 0x00 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** True for a component of any version, also of one that {@link checkPreamble} refuses. */
export function looksLikeComponent(bytes: Uint8Array): boolean {
  return bytes.length >= PREAMBLE_LENGTH && looksLikeWebAssembly(bytes) && uint16(bytes, 6) === COMPONENT_LAYER;
}

export function looksLikeCoreModule(bytes: Uint8Array): boolean {
  const headed = bytes.length >= PREAMBLE_LENGTH && looksLikeWebAssembly(bytes);
  return headed && uint16(bytes, 4) === MODULE_VERSION && uint16(bytes, 6) === MODULE_LAYER;
}

/** Throws unless `bytes` start as a component of the version that this decoder reads; each reason has a code. */
export function checkPreamble(bytes: Uint8Array, file: string): void {
  if (!looksLikeWebAssembly(bytes)) {
    throw new MayflyError('component-not-wasm', notWasmMessage(bytes), { location: { file, offset: 0 } });
  }
  if (bytes.length < PREAMBLE_LENGTH) {
    throw new MayflyError('component-corrupt', 'Unexpected end of the preamble', {
      location: { file, offset: bytes.length },
    });
  }
  if (looksLikeCoreModule(bytes)) {
    throw new MayflyError('component-is-module', 'Expected a component, found a core module', {
      location: { file, offset: 4 },
      hint: 'Make a component of it: jco new module.wasm -o component.wasm',
    });
  }
  const version = uint16(bytes, 4);
  const layer = uint16(bytes, 6);
  if (version !== COMPONENT_VERSION || layer !== COMPONENT_LAYER) {
    throw new MayflyError('component-version', `Unknown binary version ${version} of layer ${layer}`, {
      location: { file, offset: 4 },
      hint: 'Build the component again with current tools',
    });
  }
}

function notWasmMessage(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'Expected a component, found an empty file';
  const hex = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `Expected a component, found bytes that are no WebAssembly: they start with "${hex}"`;
}
