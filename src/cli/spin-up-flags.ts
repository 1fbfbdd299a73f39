// Flags of `spin up` beside those that Mayfly had of its own, and what they come to.

import { type Command, Option } from 'commander';
import { authorityOf } from '../authority.ts';
import { MayflyError } from '../errors.ts';
import { addHiddenName, appPath } from './app-path.ts';
import { findFreePort } from './free-port.ts';
import { tcpAddressOf } from './listen-at.ts';
import { truncateLogs } from './log-folder.ts';
import { collect, parseCount, parseSeconds } from './options.ts';
import { addInsecureOption } from './registry/options.ts';
import { namesPulledApp } from './registry/pulled-from.ts';
import { addIdleFlags, isSet } from './spin-options.ts';
import { cacheFolder, listenAt, runtimeConfigOf, type UpOptions } from './up-options.ts';

/** The options as commander gives them. */
export interface GivenUpOptions extends Omit<UpOptions, 'from'> {
  readonly from?: string;
  readonly fromRegistry?: string;
  readonly shush?: boolean;
  readonly sh?: boolean;
  readonly http1MaxBufSize?: number;
  readonly requestTimeout?: number;
}

/** The smallest buffer that Spin allows, in bytes. */
const LEAST_BUFFER = 8192;

export function addSpinFlags(command: Command): void {
  const { SPIN_HTTP1_MAX_BUF_SIZE: size } = process.env;
  addHiddenName(command, '--from-file', 'from');
  command.addOption(new Option('--from-registry <reference>').hideHelp());
  addInsecureOption(command)
    .option('--require-signature <key>', 'Serve an app of a registry only with a signature of this public key')
    .option('-c, --component-id <id>', 'Serve this component only (may be repeated)', collect)
    .option('--follow <id>', 'Show what this component prints, and not what others do (may be repeated)', collect)
    .option('--truncate-logs', 'Empty the files of --log-dir first')
    .option('--allow-transient-write', 'Let components write copies of their files, which are gone afterwards')
    .option('--temp <folder>', 'Where these copies are made (default: the temporary folder of the system)')
    .option('--tls-cert <file>', 'Serve over TLS with this certificate, in the format PEM (may be repeated)', collect)
    .option('--tls-key <file>', 'The key of the certificate, in the format PEM (may be repeated)', collect)
    .option('--find-free-port', 'Take the next free port where the one of --listen is taken')
    .addOption(new Option('--format <format>', 'How routes are printed').choices(['plain', 'json']).default('plain'))
    .option('--request-timeout <time>', 'As --limit wall=…, with the times of Spin', parseSeconds)
    .option(
      '--http1-max-buf-size <bytes>',
      'As --limit header_bytes=…, from 8192 on',
      parseCount,
      size ? parseCount(size) : undefined,
    )
    .option('--disable-cache', 'As --no-cache', isSet(process.env.DISABLE_WASMTIME_CACHE) || undefined);
  for (const name of ['--sh', '--shush']) command.addOption(new Option(name).hideHelp());
  addHiddenName(command, '--tmp', 'temp');
  addIdleFlags(command, 'up');
}

/** What the flags come to for the rest of Mayfly. Throws `usage` for those that do not go together. */
export async function withSpinFlags(given: GivenUpOptions): Promise<UpOptions> {
  const { sh, shush, http1MaxBufSize, requestTimeout, from, fromRegistry, ...rest } = given;
  if (http1MaxBufSize !== undefined && http1MaxBufSize < LEAST_BUFFER) {
    throw new MayflyError('usage', `"${http1MaxBufSize}" is too few bytes for '--http1-max-buf-size'`, {
      hint: `Write ${LEAST_BUFFER} or more`,
    });
  }
  const quiet = Boolean(rest.quiet || sh || shush);
  if (quiet && given.follow) throw new MayflyError('usage', "'--quiet' and '--follow' exclude each other");
  const limit = {
    ...(requestTimeout && { wallMs: requestTimeout }),
    ...(http1MaxBufSize && { headerBytes: http1MaxBufSize }),
    ...rest.limit,
  };
  if (given.proxyProtocol && !given.trustProxy) {
    throw new MayflyError('usage', "'--proxy-protocol' is for proxies that '--trust-proxy' names");
  }
  const certificates = certificatesOf(given);
  const address = tcpAddressOf(listenAt(rest));
  if (address === undefined && (rest.findFreePort || rest.httpPort !== undefined)) {
    const flag = rest.findFreePort ? '--find-free-port' : '--http-port';
    throw new MayflyError('usage', `'${flag}' is for '--listen' with an address and a port`);
  }
  if (from !== undefined && fromRegistry !== undefined) {
    throw new MayflyError('usage', `The app is named twice: by '-f ${from}' and by '--from-registry ${fromRegistry}'`);
  }
  const options: UpOptions = { ...rest, ...(await originOf(from, fromRegistry, rest)), quiet, limit, ...certificates };
  if (options.truncateLogs) emptyLogs(options);
  if (!options.findFreePort || address === undefined) return options;
  const { host, port } = await findFreePort(address);
  return { ...options, listen: authorityOf(host, port) };
}

/** The files of TLS: those of Spin's variables where none are named. */
function certificatesOf(
  given: Pick<GivenUpOptions, 'tlsCert' | 'tlsKey' | 'httpPort'>,
): Pick<UpOptions, 'tlsCert' | 'tlsKey'> {
  const { SPIN_TLS_CERT, SPIN_TLS_KEY } = process.env;
  const { tlsCert = listOf(SPIN_TLS_CERT), tlsKey = listOf(SPIN_TLS_KEY), httpPort } = given;
  if (tlsCert.length !== tlsKey.length) {
    throw new MayflyError('usage', "'--tls-cert' and '--tls-key' need each other", {
      hint: 'Each certificate has a key: the first key is that of the first certificate',
    });
  }
  if (tlsCert.length > 0) return { tlsCert, tlsKey };
  if (httpPort === undefined) return {};
  throw new MayflyError('usage', "'--http-port' leads to the port with TLS: it needs '--tls-cert' and '--tls-key'");
}

function listOf(value: string | undefined): readonly string[] {
  return value ? [value] : [];
}

/** Where the app is: here, or in a registry, from where it is pulled. */
async function originOf(
  from: string | undefined,
  fromRegistry: string | undefined,
  { insecure, requireSignature, cacheDir, cache, disableCache }: Omit<GivenUpOptions, 'from'>,
): Promise<Pick<UpOptions, 'from' | 'pulled'>> {
  const reference = fromRegistry ?? (from !== undefined && namesPulledApp(from) ? from : undefined);
  if (reference === undefined) {
    if (requireSignature === undefined) return { from: appPath(from) };
    throw new MayflyError('usage', "'--require-signature' is for an app in a registry", {
      hint: 'Files that lie here have no signature',
    });
  }
  // Most apps are here, and start without what this loads.
  const { pullApp } = await import('./registry/pulled-app.ts');
  const cacheDirectory = cache === false || disableCache ? undefined : cacheFolder(cacheDir);
  const { path, ...pulled } = await pullApp(reference, { insecure, requireSignature, cacheDirectory });
  return { from: path, pulled };
}

function emptyLogs(options: UpOptions): void {
  const { logDirectory } = runtimeConfigOf(options);
  if (logDirectory !== undefined) truncateLogs(logDirectory);
}
