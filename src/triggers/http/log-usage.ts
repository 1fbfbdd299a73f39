// `--summary`: what each request used, in the log.
import type { HttpRequest } from '../../host/http-message.ts';
import type { Usage } from '../../invocation/exchange.ts';
import type { Logger } from '../../telemetry/log.ts';

export function logUsage(log: Logger, { method, target }: HttpRequest, usage: Usage): void {
  const { cpuMs, wallMs, memoryBytes, hostCalls } = usage;
  const times = `${cpuMs.toFixed(3)} ms CPU, ${wallMs.toFixed(3)} ms`;
  log.info(
    usage,
    `${method} ${target.split('?', 1)[0]}: ${times}, ${memoryBytes} bytes of memory, ${hostCalls} host calls`,
  );
}
