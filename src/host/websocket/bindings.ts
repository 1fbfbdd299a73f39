// The WIT functions of our own interface (wit/websocket.wit).
import { defineInterface } from '../service.ts';
import {
  broadcast,
  close,
  getState,
  type OwnConnections,
  refuse,
  send,
  setState,
  subscribe,
  unsubscribe,
} from './operations.ts';
import signatures from './signatures.json' with { type: 'json' };

export const webSocketInterfaces = [
  defineInterface<OwnConnections>('websocket', 'mayfly:websocket/connections', '0.1.0', {
    signatures: signatures['mayfly:websocket/connections@0.1.0'],
    functions: {
      send,
      broadcast,
      subscribe,
      unsubscribe,
      close,
      refuse,
      'get-state': getState,
      'set-state': setState,
    },
  }),
];
