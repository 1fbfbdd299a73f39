// MQTT as Spin's interfaces have it: in the newer one functions are such that a guest need not wait for them.
import { defineInterface, type Functions, resource, suspending } from '../service.ts';
import type { Qos } from './broker-connection.ts';
import type { GuestConnection, OpenConnections } from './open-connections.ts';
import signatures from './signatures.json' with { type: 'json' };

const SERVICE = 'mqtt';

const connection = resource('connection', (state: OpenConnections, one: GuestConnection) => state.close(one));

const functions: Functions<OpenConnections> = {
  '[static]connection.open': suspending(
    (state: OpenConnections, address: string, username: string, password: string, keepAlive: bigint) =>
      state.open(address, username, password, keepAlive),
  ),
  '[method]connection.publish': suspending(
    (state: OpenConnections, one: GuestConnection, topic: string, payload: Uint8Array, qos: Qos) =>
      state.publish(one, topic, payload, qos),
  ),
};

const spin2 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/mqtt', '2.0.0', {
  signatures: signatures['fermyon:spin/mqtt@2.0.0'],
  resources: [connection],
  functions,
});

const spin3 = defineInterface<OpenConnections>(SERVICE, 'spin:mqtt/mqtt', '3.0.0', {
  signatures: signatures['spin:mqtt/mqtt@3.0.0'],
  resources: [connection],
  functions,
});

export const mqttInterfaces = [spin2, spin3];
