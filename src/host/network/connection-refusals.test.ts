// Of connections that a guest is refused the log has three lines, and at the end of the request the number of the others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from '../../telemetry/log.test-kit.ts';
import type { SandboxContext } from '../service.ts';
import { parseAllowedHosts } from './allowed-hosts.ts';
import { OutboundPermission, parseOutboundAddress } from './outbound-address.ts';

test('a guest that is refused again and again gets three lines, with what would allow it, and one at its end', () => {
  const { log, lines } = testLog();
  const sandbox = { component: { id: 'a' }, log } as unknown as SandboxContext;
  const permission = new OutboundPermission(parseAllowedHosts(['redis://here:6379']), sandbox);
  const ask = (text: string): boolean => {
    const address = parseOutboundAddress(text, 'redis');
    return address !== undefined && permission.allows(address);
  };
  assert.equal(ask('redis://here:6379'), true);
  permission.finish();
  assert.equal(lines.length, 0);
  for (let count = 0; count < 5; count++) assert.equal(ask('rediss://user:secret@there'), false);
  permission.finish();
  assert.deepEqual(
    lines.map(({ fields }) => fields.event),
    ['network-denied', 'network-denied', 'network-denied', 'requests-denied'],
  );
  assert.deepEqual([lines[0]?.fields.origin, lines[0]?.fields.entry], ['rediss://there', 'rediss://there:*']);
  assert.equal(lines[3]?.fields.count, 2);
  assert.ok(!JSON.stringify(lines).includes('secret'));
});
