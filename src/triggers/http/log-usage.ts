// Logs what each request used, for `--summary`.
import type { HttpRequest } from '../../host/http-message.ts';
import type { Usage } from '../../invocation/exchange.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';

export function logUsage(log: Logger, { method, target, identity }: HttpRequest, usage: Usage): void {
  const path = target.split('?', 1)[0];
  const [cpuMs, wallMs] = [rounded(usage.cpuMs), rounded(usage.wallMs)];
  const { memoryBytes, hostCalls } = usage;
  const text = `${method} ${path}: ${cpuMs} ms CPU, ${wallMs} ms, ${memoryBytes} bytes of memory, ${hostCalls} host calls`;
  logEvent(log, 'request-used', { ...identity?.fields, method, path, cpuMs, wallMs, memoryBytes, hostCalls }, text);
}

/** Rounds to microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
