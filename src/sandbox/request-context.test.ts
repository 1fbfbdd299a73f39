// The state of a service is made once in a request, when it is first asked for, and finished with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../telemetry/log.ts';
import { RequestContext, type ServiceBinding } from './request-context.ts';

function bench() {
  const events: string[] = [];
  const service = (name: string): ServiceBinding<string> => ({
    name,
    prepare: (context) => {
      events.push(`prepare ${name}`);
      return { name, context };
    },
    finish: (state) => void events.push(`finish ${(state as { name: string }).name}`),
  });
  const services = [service('a'), service('b'), service('c')];
  return { events, context: new RequestContext('the component', services, silentLog) };
}

test('the state of a service is made when it is first asked for, once, and finished with the request', () => {
  const { events, context } = bench();
  const state = context.state(1);
  assert.equal(context.state(1), state);
  assert.deepEqual(state, { name: 'b', context });
  context.state(0);
  assert.deepEqual(events, ['prepare b', 'prepare a']);
  context.finish();
  assert.deepEqual(events.slice(2).sort(), ['finish a', 'finish b']);
  context.finish();
  assert.equal(events.length, 4);
  assert.equal(context.state(9), undefined);
  assert.deepEqual([context.component, context.log], ['the component', silentLog]);
});

test('the signal says that the request is over, whether it was asked for before or after', () => {
  const [early, late] = [bench().context, bench().context];
  const { signal } = early;
  assert.equal(early.signal, signal);
  assert.equal(signal.aborted, false);
  const [reason, second] = [new Error('over'), new Error('again')];
  for (const context of [early, late]) {
    context.abort(reason);
    context.abort(second);
    assert.equal(context.signal.aborted, true);
    assert.equal(context.signal.reason, reason);
  }
});
