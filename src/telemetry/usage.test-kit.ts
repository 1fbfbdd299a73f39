// A request that is over, for tests of those who are told of it.
import type { FinishedRequest } from './usage.ts';

export const finishedRequest: FinishedRequest = {
  method: 'GET',
  scheme: 'http',
  authority: 'localhost:3000',
  target: '/a?secret=1',
  headers: [
    ['user-agent', 'curl/8'],
    ['referer', 'http://x/'],
    ['authorization', 'Bearer secret'],
  ],
  clientAddress: '192.0.2.1:5000',
  protocol: 'HTTP/1.1',
  identity: { fields: { requestId: 'r1' }, knownFields: { requestId: 'r1' } },
  isChained: false,
  component: 'hello',
  route: '/a',
  status: 200,
  startedAt: Date.UTC(2026, 9, 9, 13, 55, 36, 999),
  headMs: 1.23456,
  totalMs: 12.3456,
  receivedBytes: 0,
  sentBytes: 5,
  isBroken: false,
  usage: { cpuMs: 0.4, wallMs: 12, hostCalls: 7, memoryBytes: 2 ** 21, isNew: true, isKept: false },
  error: undefined,
};
