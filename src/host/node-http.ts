// Gives node:http and node:https without `import`: that reads every property of a module, and one of these loads a
// WebSocket client, which takes 20 ms of the start. TLS is loaded when it is needed.

export const http: typeof import('node:http') = process.getBuiltinModule('node:http');

export function https(): typeof import('node:https') {
  return process.getBuiltinModule('node:https');
}
