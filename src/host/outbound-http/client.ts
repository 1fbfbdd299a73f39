// Sends requests over sockets with node:http: kept connections, bodies streamed both ways, time limits. It follows no
// redirects and knows no permissions. Each component has a client of its own: they share no connections.
import { defaultRuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import type { HttpRequest, HttpResponse, SendOptions } from '../http-message.ts';
import { createOutboundNetwork, type OutboundNetwork } from '../network/outbound-network.ts';
import { createAgents } from './agents.ts';
import { StaleConnection, sendOnce } from './exchange.ts';
import { type ClientLimits, defaultClientLimits } from './limits.ts';

export interface HttpClient {
  /** Sends a request. Rejects with an HttpError. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResponse>;
  /** Closes all connections, those in use as well. */
  close(): void;
}

export interface ClientOptions {
  readonly limits?: Partial<ClientLimits> | undefined;
  /** Certificates (PEM) to trust in addition to those of Node: for tests and for private authorities. */
  readonly ca?: string | undefined;
  /** The network that the requests may use; without it they may use all of it. */
  readonly network?: OutboundNetwork | undefined;
  /** The component whose certificates of `[[client_tls]]` count. */
  readonly componentId?: string | undefined;
}

/**
 * The most connections that are tried for one request: the other side does not close more of them at the same moment.
 */
const MOST_TRIES = 5;

export function createHttpClient(options: ClientOptions = {}): HttpClient {
  const limits = { ...defaultClientLimits, ...options.limits };
  const { ca, componentId = '', network = createOutboundNetwork(defaultRuntimeConfig()) } = options;
  const { pooling, permits } = network;
  const agents = createAgents({ keepAliveMs: limits.keepAliveMs, ca, pooling, permits });
  return {
    async send(request, sendOptions) {
      for (let tries = 1; ; tries++) {
        try {
          return await sendOnce(request, sendOptions, { limits, network, agents, componentId });
        } catch (error) {
          if (!(error instanceof StaleConnection) || tries === MOST_TRIES) throw error;
        }
      }
    },
    close: () => agents.close(),
  };
}
