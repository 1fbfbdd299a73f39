// The connections that an app may make, as a network sees them: what its manifest allows, and where its stores and brokers
// are.
import type { LockedApp } from '../app/locked-app.ts';
import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { type AllowedHost, AllowedHostFault, parseAllowedHost } from '../host/network/allowed-hosts.ts';
import type { Egress } from './resources.ts';

type Rule = Exclude<Egress, 'any'>[number];

/**
 * What an app may connect to; `any` where that is not known before it runs. `values` has the values of variables that are
 * known now; the others have their defaults.
 */
export function egressOf(app: LockedApp, config: RuntimeConfig, values: Readonly<Record<string, string>>): Egress {
  const allowed = app.components.flatMap(({ allowedOutboundHosts }) => allowedOutboundHosts);
  const rules: Rule[] = [];
  for (const template of [...allowed, ...brokersOf(app), ...storesOf(config)]) {
    const entry = expand(template, app, values);
    const rule = entry === undefined ? 'any' : ruleOf(entry);
    if (rule === 'any') return 'any';
    if (rule) rules.push(rule);
  }
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

/** The text with the values of its variables; undefined when one of them is not known. */
function expand(
  template: string,
  { variables }: LockedApp,
  values: Readonly<Record<string, string>>,
): string | undefined {
  let isKnown = true;
  const text = template.replace(/\{\{\s*([a-z0-9_]+)\s*\}\}/g, (_, name: string) => {
    const value = (Object.hasOwn(values, name) ? values[name] : undefined) ?? variables[name]?.default;
    if (value === undefined) isKnown = false;
    return value ?? '';
  });
  return isKnown ? text : undefined;
}

/** Undefined for what stays inside of the app. */
function ruleOf(entry: string): Rule | 'any' | undefined {
  let allowed: AllowedHost;
  try {
    allowed = parseAllowedHost(entry);
  } catch (error) {
    if (error instanceof AllowedHostFault) return undefined;
    throw error;
  }
  const { host, ports } = allowed;
  const isInside = host.kind === 'literal' ? host.host.endsWith('.spin.internal') : host.kind === 'self';
  if (isInside || (host.kind === 'subdomain' && host.suffix === '.spin.internal')) return undefined;
  const cidr = host.kind === 'cidr' ? /([0-9a-f.:]+\/\d+)/i.exec(entry)?.[1] : undefined;
  if (ports === '*') return cidr === undefined ? 'any' : { cidr, ports: 'any' };
  return { cidr, ports: [{ from: ports.from, to: ports.end - 1 }] };
}

/** The servers of triggers. */
function brokersOf({ triggers }: LockedApp): string[] {
  return triggers.flatMap((trigger) => {
    if (trigger.type === 'redis' || trigger.type === 'mqtt') return [withoutPath(trigger.address)];
    return trigger.type === 'sqs' ? ['https://sqs.invalid'] : [];
  });
}

/** The servers of stores, databases, models and providers of variables. */
function storesOf(config: RuntimeConfig): string[] {
  const urls = [
    ...[...config.keyValueStores.values()].flatMap((store) => (store.type === 'redis' ? [store.url] : [])),
    ...[...config.sqliteDatabases.values()].flatMap((database) => (database.type === 'libsql' ? [database.url] : [])),
    ...config.variablesProviders.flatMap((provider) => (provider.type === 'vault' ? [provider.url] : [])),
    ...(config.llmCompute ? [config.llmCompute.url] : []),
  ];
  return urls.map(withoutPath);
}

/** A URL as an entry of `allowed_outbound_hosts`; schemes with TLS have the ports of those without. */
function withoutPath(url: string): string {
  const [, scheme = '', authority = ''] = /^([a-z+]+):\/\/([^/?#]*)/i.exec(url) ?? [];
  const plain = { rediss: 'redis', mqtts: 'mqtt', libsql: 'https' }[scheme] ?? scheme;
  return `${plain}://${authority.replace(/^.*@/, '')}`;
}
