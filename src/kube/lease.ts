// Which of several pods leads: the holder of a Lease of Kubernetes
// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/). Times of other machines are not
// believed: a lease has run out when it did not change for its duration, as this machine measures it.

import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { authorityOf } from '../authority.ts';
import { MayflyError, messageOf } from '../errors.ts';

/** The API of the cluster, as a pod sees it. */
export interface ClusterApi {
  readonly url: string;
  readonly namespace: string;
  /** Read anew for each request: it changes. */
  readonly token: () => string;
  readonly ca: string | undefined;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Throws `leader-lease` outside of a pod, or in one without a service account. */
export function clusterOfPod(env: Readonly<Record<string, string | undefined>> = process.env): ClusterApi {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  const read = (name: string): string => readFileSync(`${ACCOUNT}/${name}`, 'utf8').trim();
  try {
    if (!host) throw new Error('KUBERNETES_SERVICE_HOST is not set');
    const url = `https://${authorityOf(host, port)}`;
    return { url, namespace: read('namespace'), token: () => read('token'), ca: read('ca.crt') };
  } catch (cause) {
    throw new MayflyError('leader-lease', `There is no cluster that could say who leads: ${messageOf(cause)}`, {
      cause,
      hint: "'--leader-lease' is for pods of Kubernetes with a service account whose token is mounted",
    });
  }
}

export interface LeaseOptions {
  readonly name: string;
  /** Who this is, unlike all others. */
  readonly identity: string;
  readonly api: ClusterApi;
  /** Called when this process becomes the leader. */
  readonly lead: () => void;
  /** Called when it was the leader and cannot hold the lease: it must stop to act as one at once. */
  readonly lose: (reason: string) => void;
  /** Called for what goes wrong and is tried again. */
  readonly warn: (reason: string) => void;
  readonly timing?: LeaseTiming;
}

export interface LeaseTiming {
  /** Milliseconds that the lease holds when it is not renewed. */
  readonly durationMs: number;
  /** Milliseconds between renewals, and between looks at the lease of another. */
  readonly periodMs: number;
}

const usual: LeaseTiming = { durationMs: 15_000, periodMs: 3000 };

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

interface Lease {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

/** Runs for the lease until it is closed. */
export class LeaseElection {
  readonly #options: LeaseOptions;
  readonly #timing: LeaseTiming;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #isLeading = false;
  #renewedAt = 0;
  /** What was last seen of the lease of another, and when that was new. */
  #seen = { version: '', at: 0 };

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#timing = options.timing ?? usual;
    this.#running = this.#run();
  }

  /** Stops, and lets the lease go at once, so that another one need not wait. Never rejects. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (!this.#isLeading) return;
    this.#isLeading = false;
    const lease = await this.#get().catch(() => undefined);
    if (lease?.spec?.holderIdentity !== this.#options.identity) return;
    await this.#write(lease, { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 }).catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#turn();
      } catch (error) {
        this.#options.warn(messageOf(error));
      }
      if (this.#isLeading && performance.now() - this.#renewedAt > this.#timing.durationMs) {
        this.#isLeading = false;
        this.#options.lose('the lease could not be renewed in time');
      }
      await delay(this.#timing.periodMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  async #turn(): Promise<void> {
    const { identity } = this.#options;
    const asked = performance.now();
    const lease = await this.#get();
    if (!lease) {
      if (await this.#create()) this.#hold(asked);
      return;
    }
    const { spec = {} } = lease;
    if (spec.holderIdentity === identity) {
      if (await this.#write(lease, { ...spec, renewTime: now() })) this.#hold(asked);
      return;
    }
    if (this.#isLeading) {
      this.#isLeading = false;
      this.#options.lose(`another one holds the lease: ${spec.holderIdentity ?? ''}`);
      return;
    }
    if (!this.#hasRunOut(lease)) return;
    const taken = {
      ...this.#spec(),
      leaseTransitions: (spec.leaseTransitions ?? 0) + 1,
    };
    if (await this.#write(lease, taken)) this.#hold(asked);
  }

  /** Whether the lease of another did not change for as long as it holds, or was let go. */
  #hasRunOut({ metadata, spec }: Lease): boolean {
    if (!spec?.holderIdentity) return true;
    const version = metadata.resourceVersion ?? '';
    if (version !== this.#seen.version) this.#seen = { version, at: performance.now() };
    const holdsMs = 1000 * (spec.leaseDurationSeconds ?? this.#timing.durationMs / 1000);
    return performance.now() - this.#seen.at > holdsMs;
  }

  #hold(at: number): void {
    this.#renewedAt = at;
    if (this.#isLeading || this.#stop.signal.aborted) return;
    this.#isLeading = true;
    this.#options.lead();
  }

  #spec(): LeaseSpec {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.max(1, Math.round(this.#timing.durationMs / 1000)),
      acquireTime: now(),
      renewTime: now(),
      leaseTransitions: 0,
    };
  }

  async #get(): Promise<Lease | undefined> {
    const { status, body } = await this.#ask('GET', `/${this.#options.name}`);
    if (status === 404) return undefined;
    return JSON.parse(body) as Lease;
  }

  /** Whether it was this one who made it. */
  async #create(): Promise<boolean> {
    const lease = this.#document({ name: this.#options.name }, this.#spec());
    return (await this.#ask('POST', '', lease)).status === 201;
  }

  /** Whether nobody else wrote the lease since it was read. */
  async #write({ metadata }: Lease, spec: LeaseSpec): Promise<boolean> {
    return (await this.#ask('PUT', `/${this.#options.name}`, this.#document(metadata, spec))).status === 200;
  }

  #document(metadata: Lease['metadata'], spec: LeaseSpec): object {
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
  }

  /** Rejects for an answer that is neither success nor one of those that elections have. */
  async #ask(
    method: string,
    path: string,
    document?: object,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const { url, namespace, token, ca } = this.#options.api;
    const target = new URL(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases${path}`, url);
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    const request = send(target, {
      method,
      ca,
      headers: { authorization: `Bearer ${token()}`, accept: 'application/json', 'content-type': 'application/json' },
      timeout: this.#timing.durationMs / 2,
    });
    request.on('timeout', () => request.destroy(new Error('the cluster does not answer')));
    request.on('error', reject);
    request.on('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    request.end(document === undefined ? undefined : JSON.stringify(document));
    const answer = await promise;
    if ([200, 201, 404, 409].includes(answer.status)) return answer;
    throw new Error(`the cluster answers with the status ${answer.status}: ${answer.body.slice(0, 200)}`);
  }
}

/** The time as a MicroTime of Kubernetes. */
function now(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
