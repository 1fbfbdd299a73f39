// Cron expressions as Spin reads them: with seconds and perhaps a year, in UTC.
import { Cron } from 'croner';

export interface CronSchedule {
  /**
   * The first point in time of the schedule after another one, both in milliseconds since 1970; undefined when none
   * comes any more.
   */
  next(afterMs: number): number | undefined;
}

/**
 * Reads an expression of six or seven fields: second, minute, hour, day of month, month, day of week (0 to 7, both of
 * them Sunday, or SUN to SAT), year. A day must fit both of its fields, as with Spin's scheduler. Throws with what is
 * wrong with it.
 */
export function parseCron(expression: string): CronSchedule {
  const cron = new Cron(expression, {
    paused: true,
    timezone: 'UTC',
    mode: '6-or-7-parts',
    domAndDow: true,
    // `0/15` is what Spin's own documentation writes.
    sloppyRanges: true,
  });
  return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
}

/** What is wrong with an expression, in words; undefined when it can be read. */
export function cronFault(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/).filter(Boolean).length;
  if (fields < 6 || fields > 7) return `it has ${fields} ${fields === 1 ? 'field' : 'fields'}, not 6 or 7`;
  try {
    parseCron(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '');
  }
}
