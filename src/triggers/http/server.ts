// The HTTP trigger's sockets: node:http with careful settings, in front of a dispatcher. Routing and guests are not
// handled here.
import type { Server, ServerOptions } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContext, TlsOptions } from 'node:tls';
import { MayflyError } from '../../errors.ts';
import { http, https } from '../../host/node-http.ts';
import { type FixedLimitsOf, fixedLimitsOf, type LimitsOf, limitsOf } from '../../limits.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { CertificateFiles, ListenAddress, UpgradeRoute } from '../trigger.ts';
import { ConnectionServer } from './connection-server.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import type { Serving } from './exchange.ts';
import { createFindUpgrade, type FindUpgrade } from './upgrades.ts';

export type ServerLimits = LimitsOf<'server'> & FixedLimitsOf<'server'>;

export const defaultServerLimits: ServerLimits = { ...limitsOf('server'), ...fixedLimitsOf('server') };

export interface HttpServerOptions {
  readonly dispatcher: HttpDispatcher;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** With these the server speaks TLS only. */
  readonly certificates?: readonly CertificateFiles[] | undefined;
  /** The addresses and networks of the proxies that are believed when they say who sent a request. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Whether these proxies speak the PROXY protocol. */
  readonly proxyProtocol?: boolean | undefined;
  /** Whether HTTP/2 is taken without TLS, from clients that know that it is. */
  readonly http2?: boolean | undefined;
  /** Routes on which connections change to another protocol. */
  readonly upgrades?: readonly UpgradeRoute[] | undefined;
}

/**
 * The most connections that wait to be accepted; the system may allow fewer. A burst of thousands must not be reset.
 */
const BACKLOG = 4096;

interface Listening {
  readonly host: string;
  readonly port: number;
  /** Of a socket that has one, in the place of host and port. */
  readonly path?: string;
}

export interface HttpServer {
  /**
   * Starts to listen. Resolves to the address, with the real port when 0 was asked for. Rejects with `listen-failed`.
   */
  listen(address: ListenAddress): Promise<Listening>;
  /** Accepts no more, lets requests in flight finish for so many milliseconds, then breaks off what is left. */
  stop(options: { readonly timeoutMs: number }): Promise<void>;
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits: ServerLimits = { ...defaultServerLimits, ...options.limits };
  const { dispatcher, certificates = [], trustedProxies = [], proxyProtocol, upgrades = [] } = options;
  const isTls = certificates.length > 0;
  let contextFor: ContextFor | undefined;
  const choose: ContextChoice = (name, done) => done(null, contextFor?.(name));
  const findUpgrade = upgrades.length > 0 ? createFindUpgrade(upgrades, limits.targetBytes) : undefined;
  const given = { ...settings(limits), ...(findUpgrade && { shouldUpgradeCallback: isFound(findUpgrade) }) };
  const server = isTls
    ? https().createServer({ ...given, ...tlsSettings(limits), SNICallback: choose })
    : http.createServer(given);
  // This is one more than allowed: Node drops what is beyond without a word, while we answer 431.
  server.maxHeadersCount = limits.headerCount + 1;
  server.maxConnections = limits.connections;
  // A client that closes its side may still wait for its answers; Connection handles those that do not.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  let identify: Serving['identify'];
  const serving = {
    dispatcher,
    limits,
    get identify() {
      return identify;
    },
  };
  const scheme = isTls ? 'https' : 'http';
  const connections = new ConnectionServer(serving, server, scheme);
  server.on('request', (req, res) => connections.serve(req, res));
  server.on('checkContinue', (req, res) => connections.serve(req, res));
  server.on('checkExpectation', (req, res) => connections.serve(req, res));
  server.on('connect', (req, socket) => connections.refuseTunnel(req, socket));
  if (findUpgrade) server.on('upgrade', (req, socket, head) => connections.upgrade(req, socket, head, findUpgrade));
  server.on('clientError', (error, socket) => connections.failed(error, socket as Socket));
  const { log } = dispatcher;
  return {
    async listen(address) {
      if (isTls || options.http2) {
        const { takeHttp2 } = await import('./http2/take.ts');
        connections.add(takeHttp2(server, serving, scheme));
      }
      if (isTls) {
        const { takeTls } = await import('./tls/take.ts');
        const tls = takeTls(server as HttpsServer, certificates, limits, log);
        contextFor = tls.contextFor;
        connections.add(tls);
      }
      if (trustedProxies.length > 0) {
        const { trust } = await import('./proxies/take.ts');
        const trusted = trust(trustedProxies);
        identify = trusted.identify;
        if (proxyProtocol) connections.add(trusted.expect(server, limits.handshakeMs, log));
      }
      return listen(server, address, log);
    },
    stop: ({ timeoutMs }) => connections.stop(timeoutMs),
  };
}

type ContextFor = (name: string) => SecureContext;
type ContextChoice = (name: string, done: (error: Error | null, context?: SecureContext) => void) => void;

function tlsSettings({ handshakeMs }: ServerLimits): TlsOptions {
  // What both sides may speak, the better first.
  return { ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: handshakeMs };
}

function isFound(find: FindUpgrade): NonNullable<ServerOptions['shouldUpgradeCallback']> {
  return (req) => find(req) !== undefined;
}

function settings(limits: ServerLimits): ServerOptions {
  return {
    insecureHTTPParser: false,
    // Node counts the target with the headers; both limits are checked apart once the head is there.
    maxHeaderSize: limits.headerBytes + limits.targetBytes,
    requireHostHeader: false,
    headersTimeout: limits.headerMs,
    // Bodies may take as long as they keep coming, which `bodyIdleMs` limits.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5_000, limits.headerMs),
    keepAliveTimeout: limits.keepAliveMs,
    highWaterMark: 64 * 1024,
    noDelay: true,
  };
}

function listen(server: Server, given: ListenAddress, log: Logger): Promise<Listening> {
  const { host, port } = given;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(given, error)));
    const listening = (): void => {
      const at = server.address();
      const { address, port: real } = (at && typeof at !== 'string' ? at : { address: host, port }) as AddressInfo;
      server.removeAllListeners('error');
      // A connection that could not be accepted is lost; the server goes on with the others.
      server.on('error', (err) => logEvent(log, 'accept-failed', { err }, `A connection was lost: ${err.message}`));
      resolve({ host: address, port: real, ...(typeof at === 'string' && { path: at }) });
    };
    begin(server, given, listening);
  });
}

function begin(
  server: Server,
  { host, port, handle, path, fd, mode, isShared = false }: ListenAddress,
  done: () => void,
): void {
  if (handle) server.listen(handle, BACKLOG, done);
  else if (fd !== undefined) server.listen({ fd, backlog: BACKLOG }, done);
  else if (path === undefined) server.listen({ host, port, backlog: BACKLOG, reusePort: isShared }, done);
  else {
    // The permissions count from the first moment on.
    const before = mode === undefined ? undefined : process.umask(0o777 & ~mode);
    server.listen({ path, backlog: BACKLOG }, done);
    if (before !== undefined) process.umask(before);
  }
}

function listenError({ host, port, path, fd }: ListenAddress, error: Error & { code?: string }): MayflyError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'the port needs rights that this process does not have',
    EADDRNOTAVAIL: 'the address is not one of this machine',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  const hint =
    error.code === 'EADDRINUSE' && path === undefined
      ? `Stop what listens there, or choose another port: --listen ${host}:${port + 1}`
      : undefined;
  const where = path ?? (fd === undefined ? `${host}:${port}` : `descriptor ${fd}`);
  return new MayflyError('listen-failed', `Cannot listen on ${where}: ${reason}`, { cause: error, hint });
}
