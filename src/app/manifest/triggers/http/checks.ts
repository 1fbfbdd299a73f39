// Checks HTTP triggers: what they lead to, and that no two answer one route.
import { parseRoute, type Route, RouteFault } from '../../../route.ts';
import { asTable, asText, type Table, type TriggerEntry } from '../../document.ts';
import type { Problems } from '../../problems.ts';
import { checkNamedComponent } from '../named-component.ts';

export function checkHttpTriggers(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  checkBase(document, problems);
  const routes = new Map<string, { trigger: TriggerEntry; route: string }>();
  for (const trigger of triggers) {
    checkNamedComponent(document, trigger, problems);
    checkAnswer(trigger, problems);
    checkExecutor(trigger, problems);
    const route = checkRoute(trigger, problems);
    if (!route) continue;
    const first = routes.get(route.shape);
    if (first) {
      const same = first.route === route.raw ? '' : `, which matches the same paths as "${first.route}",`;
      problems.add('manifest-route-duplicate', [...trigger.path, 'route'], `Route "${route.raw}"${same} is taken`, {
        hint: `Change this route or that of trigger "${first.trigger.id}"; each route leads to one component`,
      });
    } else routes.set(route.shape, { trigger, route: route.raw });
  }
}

/** Checks the base path, which Spin 1 put before every route. Later versions of Spin accept only "/". */
function checkBase(document: Table, problems: Problems): void {
  const path = ['application', 'trigger', 'http', 'base'];
  const base = asText(asTable(asTable(asTable(document.application)?.trigger)?.http)?.base);
  if (base === undefined || base === '/') return;
  problems.add('manifest-value', path, `'base' is "${base}", and routes have no other base than "/" any more`, {
    hint: `Remove 'base', and write it before each route: route = "${base.replace(/\/+$/, '')}/…"`,
  });
}

function checkAnswer({ table, path }: TriggerEntry, problems: Problems): void {
  const answers = ['component', 'static_response'].filter((key) => key in table);
  if (answers.length === 1) return;
  const message =
    answers.length === 0
      ? "A trigger needs a 'component' or a 'static_response'"
      : "A trigger has either a 'component' or a 'static_response', not both";
  problems.add(answers.length === 0 ? 'manifest-key-missing' : 'manifest-value', path, message, {
    at: 'key',
    hint: answers.length === 0 ? `Add 'component = "<id>"'` : 'Remove one of the two',
  });
}

function checkExecutor({ table, path }: TriggerEntry, problems: Problems): void {
  const executor = asTable(table.executor);
  const type = asText(executor?.type);
  if (executor && type === 'wagi') checkEntrypoint(executor, path, problems);
  else checkPlainExecutor(executor, path, problems);
  if (type === undefined || ['http', 'spin', 'wagi'].includes(type)) return;
  problems.add('manifest-value', [...path, 'executor', 'type'], `There is no executor "${type}"`, {
    hint: "Remove 'executor': the form of the component is found out by itself",
  });
}

/** Reports settings of a CGI program's start, which mean nothing to other executors. */
function checkPlainExecutor(executor: Table | undefined, path: TriggerEntry['path'], problems: Problems): void {
  for (const key of ['argv', 'entrypoint']) {
    if (executor === undefined || !(key in executor)) continue;
    problems.add('manifest-key-unknown', [...path, 'executor', key], `'${key}' belongs to the executor "wagi" alone`, {
      at: 'key',
      hint: `Remove it, or write type = "wagi"`,
    });
  }
}

function checkEntrypoint({ entrypoint }: Table, path: TriggerEntry['path'], problems: Problems): void {
  const name = asText(entrypoint);
  if (name === undefined || name === '_start') return;
  const place = [...path, 'executor', 'entrypoint'];
  problems.add('manifest-value', place, `A CGI program is started at "_start", not at "${name}"`, {
    hint: "Remove 'entrypoint'",
  });
}

function checkRoute({ table, path }: TriggerEntry, problems: Problems): Route | undefined {
  const place = [...path, 'route'];
  if (asTable(table.route)?.private === false) {
    problems.add('manifest-route', [...place, 'private'], 'A private route cannot be made public with false', {
      hint: "Write 'route = \"/path\"', or 'route = { private = true }'",
    });
  }
  const raw = asText(table.route);
  if (raw === undefined) return undefined;
  let route: Route;
  try {
    route = parseRoute(raw);
  } catch (error) {
    if (!(error instanceof RouteFault)) throw error;
    problems.add('manifest-route', place, `Route "${raw}" is malformed: ${error.message}`, {
      hint: "Write '/path', '/path/:name' or '/path/...'",
    });
    return undefined;
  }
  if (`${route.normal}/`.startsWith('/.well-known/spin/')) {
    problems.add('manifest-route', place, `Route "${raw}" can never be reached: '/.well-known/spin/' is reserved`, {
      hint: 'Choose another path',
    });
  }
  return route;
}
