// What people import: an app that needs no socket. types/index.d.ts says the same to compilers.
export { type ErrorCode, MayflyError } from './errors.ts';
export { type FailedRequest, type LibraryOptions, load, type ScriptSource } from './library/load.ts';
export type { App } from './runtime.ts';
