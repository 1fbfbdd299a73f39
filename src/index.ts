// What people import: an app without a socket.
export { type ErrorCode, MayflyError } from './errors.ts';
export { type App, type LibraryOptions, load } from './runtime.ts';
