// Logs what each request used, for `--summary`.
import type { HttpRequest } from '../../host/http-message.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type Usage, usageFields, usageText } from '../../telemetry/usage.ts';

export function logUsage(log: Logger, { method, target, identity }: HttpRequest, usage: Usage): void {
  const path = target.split('?', 1)[0];
  const fields = { ...identity?.fields, method, path, ...usageFields(usage) };
  logEvent(log, 'request-used', fields, `${method} ${path}: ${usageText(usage)}`);
}
