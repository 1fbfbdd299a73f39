// What people import: an app that needs no socket.
export { type ErrorCode, MayflyError } from './errors.ts';
export { type App, type LibraryOptions, load } from './runtime.ts';
