// What the file says of networks becomes the configuration, with paths from the folder of the file.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { convert, stateDirectory } from './convert.ts';
import type { RuntimeConfig } from './runtime-config.ts';
import { runtimeConfigSchema } from './schema.ts';

function converted(text: string): RuntimeConfig {
  const places = { file: '/etc/app/runtime.toml', stateDirectory: undefined, defaultStateDirectory: '/app/.spin' };
  return convert(runtimeConfigSchema.parse(parse(text)), places);
}

test('networks, certificates and pools', () => {
  const config = converted(`
    [outbound_networking]
    block_networks = ["10.0.0.0/8", "fd00::/8", "1.2.3.4", "private"]
    max_socket_connections = 3
    max_total_connections = 4
    [[client_tls]]
    component_ids = ["a"]
    hosts = ["one.example"]
    ca_roots_file = "ca.pem"
    client_cert_file = "/abs/cert.pem"
    [[client_tls]]
    component_ids = []
    hosts = []
    ca_use_webpki_roots = true
    [outbound_http]
    connection_pooling = false
    max_concurrent_requests = 7`);
  assert.deepEqual(config.outboundNetworking, {
    blockNetworks: ['10.0.0.0/8', 'fd00::/8', '1.2.3.4', 'private'],
    maxSocketConnections: 3,
    maxTotalConnections: 4,
  });
  assert.deepEqual(config.outboundHttp, { connectionPooling: false, maxConnections: 7 });
  const [first, second] = config.clientTls;
  assert.deepEqual([first?.caRootsFile, first?.clientCertFile], ['/etc/app/ca.pem', '/abs/cert.pem']);
  assert.deepEqual([first?.caUsePlatformRoots, second?.caUsePlatformRoots], [false, false]);
  assert.deepEqual([first?.caUseWebpkiRoots, second?.caUseWebpkiRoots], [false, true]);
});

test('the folder of data: the flag, then the file, then the default; an empty one is none', () => {
  assert.equal(converted('').stateDirectory, '/app/.spin');
  assert.equal(converted('state_dir = "s"').stateDirectory, resolve('s'));
  assert.deepEqual(converted('state_dir = ""').keyValueStores.get('default'), { type: 'spin', path: undefined });
  assert.equal(stateDirectory('', '/app/.spin'), undefined);
  assert.equal(stateDirectory(undefined, undefined), undefined);
});
