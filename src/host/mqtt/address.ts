// The address of an MQTT broker as guests write it: `mqtt://host:1883?client_id=me`, or `mqtts://` for TLS. Its keys are
// those of the client that Spin uses: https://docs.rs/rumqttc/latest/rumqttc/struct.MqttOptions.html#method.parse_url
import { type OutboundAddress, parseOutboundAddress } from '../network/outbound-address.ts';

export interface BrokerAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly clientId: string;
  readonly cleanSession: boolean;
}

const defaultPorts: Readonly<Record<string, number>> = { mqtt: 1883, tcp: 1883, mqtts: 8883, ssl: 8883 };

/** Those that change nothing here: user, password and keep-alive come with the call, and the rest is of Spin's client. */
const ignored = [
  ...['username', 'password', 'keep_alive_secs', 'max_incoming_packet_size_bytes', 'max_outgoing_packet_size_bytes'],
  ...['request_channel_capacity_num', 'max_request_batch_num', 'pending_throttle_usecs', 'inflight_num'],
];
const MOST_ID = 65_535;

/** Undefined for what is no URL of a server at all. */
export function outboundOf(text: string): OutboundAddress | undefined {
  return parseOutboundAddress(text, 'mqtt');
}

/** Undefined for what is no address of a broker. */
export function parseBrokerAddress(
  text: string,
  { scheme, host, port, url }: OutboundAddress,
): BrokerAddress | undefined {
  if (!Object.hasOwn(defaultPorts, scheme) || !text.toLowerCase().startsWith(`${scheme}://`)) return undefined;
  const query = new Map(url.searchParams);
  const clientId = query.get('client_id');
  const clean = query.get('clean_session') ?? 'true';
  const known = ['client_id', 'clean_session', ...ignored];
  if ([...query.keys()].some((key) => !known.includes(key)) || !['true', 'false'].includes(clean)) return undefined;
  if (clientId === undefined || !isMqttText(clientId) || Buffer.byteLength(clientId) > MOST_ID) return undefined;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port ?? (defaultPorts[scheme] as number),
    tls: scheme === 'mqtts' || scheme === 'ssl',
    clientId,
    cleanSession: clean === 'true',
  };
}

/** Whether brokers take it as a string: they end a connection that sends another one (MQTT 3.1.1, 1.5.3). */
export function isMqttText(text: string): boolean {
  return !text.includes('\0') && Buffer.byteLength(text) <= MOST_ID;
}
