// Gives node:http and node:https without `import`: that reads every property of a module, and one of these loads a
// WebSocket client, which takes 20 ms of the start. TLS is loaded when it is needed.
import type { OutgoingMessage } from 'node:http';

export const http: typeof import('node:http') = process.getBuiltinModule('node:http');

export function https(): typeof import('node:https') {
  return process.getBuiltinModule('node:https');
}

/**
 * Sends the head of a message before its body. Node's own `flushHeaders` writes it as UTF-8, so that bytes from 0x80 on in a
 * value become two each.
 */
export function flushHead(message: OutgoingMessage): void {
  message.write('', 'latin1');
}
