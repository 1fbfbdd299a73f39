// Checks HTTP triggers: what they lead to, and that no two answer one route.
import { shadowedRoutes } from '../../../shadowed-routes.ts';
import type { KeyPath } from '../../../toml/positions.ts';
import { asTable, asText, type Table, type TriggerEntry } from '../../document.ts';
import type { Problems } from '../../problems.ts';
import { checkNamedComponent } from '../named-component.ts';
import { routeAt } from '../route-key.ts';
import { checkConditions, conditionsOf } from './conditions.ts';

export function checkHttpTriggers(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  checkBase(document, problems);
  for (const trigger of triggers) {
    checkNamedComponent(document, trigger, problems);
    checkAnswer(trigger, problems);
    checkExecutor(trigger, problems);
    checkRoute(trigger, problems);
  }
  checkConditions(document, triggers, problems);
  checkShadowed(document, triggers, problems);
}

/** Triggers on one route that never answer, and that are named each; of more of them their number is told. */
const MOST_TOLD = 5;

/** Warns of triggers that never answer, since another one has their route. */
function checkShadowed(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  const routes = triggers.map(({ table }) => asText(table.route));
  const conditions = conditionsOf(document);
  const keys = triggers.map(({ id }) => JSON.stringify(conditions.get(id) ?? {}));
  const counts = new Map<number, number>();
  for (const [shadowed, winner] of shadowedRoutes(routes, keys)) {
    const [one, other] = [triggers[shadowed], triggers[winner]];
    if (!one || !other) continue;
    const count = (counts.get(winner) ?? 0) + 1;
    counts.set(winner, count);
    if (count > MOST_TOLD) continue;
    const place: KeyPath = [...one.path, 'route'];
    const same = routes[shadowed] === routes[winner] ? '' : `, which matches the same paths as "${routes[winner]}",`;
    const { line } = problems.place([...other.path, 'route']);
    problems.warn(
      'manifest-route-duplicate',
      place,
      `Route "${routes[shadowed]}"${same} is that of trigger "${other.id}" in line ${line}, which answers; trigger "${one.id}" in line ${problems.place(place).line} never does`,
      { hint: 'Change one of the two routes, or remove the trigger that never answers' },
    );
  }
  for (const [winner, count] of counts) {
    const other = triggers[winner];
    if (!other || count <= MOST_TOLD) continue;
    const place: KeyPath = [...other.path, 'route'];
    const text = `Trigger "${other.id}" in line ${problems.place(place).line} answers in place of ${count - MOST_TOLD} more triggers`;
    problems.warn('manifest-route-duplicate', place, text, { hint: 'Remove the triggers that never answer' });
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

function checkRoute({ table, path }: TriggerEntry, problems: Problems): void {
  const place = [...path, 'route'];
  if (asTable(table.route)?.private === false) {
    problems.add('manifest-route', [...place, 'private'], 'A private route cannot be made public with false', {
      hint: "Write 'route = \"/path\"', or 'route = { private = true }'",
    });
  }
  const raw = asText(table.route);
  if (raw === undefined) return;
  const route = routeAt(raw, place, problems);
  if (route && `${route.normal}/`.startsWith('/.well-known/spin/')) {
    problems.warn('manifest-route', place, `Route "${raw}" can never be reached: '/.well-known/spin/' is reserved`, {
      hint: 'Choose another path',
    });
  }
}
