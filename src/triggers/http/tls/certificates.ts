// The certificates of a server: read from files, chosen by the name that a client asks for (SNI, RFC 6066, 3), and read
// anew when the files change. A file is compared by what is in it, so that it does not matter how it was replaced:
// written over, renamed, or by a link of a folder above it, as Kubernetes does it.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SecureContext } from 'node:tls';
import { MayflyError, messageOf } from '../../../errors.ts';
import { logEvent } from '../../../telemetry/events.ts';
import type { Logger } from '../../../telemetry/log.ts';
import type { CertificateFiles } from '../../trigger.ts';

/** Milliseconds between two looks at the files. */
const LOOK_MS = 5_000;

/** A certificate with its chain, and its key, as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

interface Loaded {
  readonly files: CertificateFiles;
  pair: Pair;
  names: X509Certificate;
  context: SecureContext;
  /** What was found wrong at the last look, and what of it was told. */
  suspect?: string | undefined;
  told?: string | undefined;
}

export class Certificates {
  readonly #log: Logger;
  readonly #loaded: readonly [Loaded, ...Loaded[]];
  #timer: NodeJS.Timeout | undefined;

  /** Reads the files, the first of which are for clients that ask for no name that is there. Throws `usage`. */
  constructor(files: readonly CertificateFiles[], log: Logger) {
    this.#log = log;
    const [first, ...others] = files.map(load);
    if (first === undefined) throw new MayflyError('internal', 'A server of TLS has no certificate');
    this.#loaded = [first, ...others];
  }

  /** The certificate for clients that ask for no name that is there. */
  get first(): Pair {
    return this.#loaded[0].pair;
  }

  contextFor(name: string): SecureContext {
    return (this.#loaded.find(({ names }) => names.checkHost(name)) ?? this.#loaded[0]).context;
  }

  /** Looks at the files every so often; `changed` is called with the first pair when it is a new one. */
  watch(changed: (first: Pair) => void, lookMs: number = LOOK_MS): void {
    this.#timer = setInterval(() => void this.#look(changed), lookMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(changed: (first: Pair) => void): Promise<void> {
    for (const loaded of this.#loaded) {
      const isNew = await this.#renew(loaded);
      if (isNew && loaded === this.#loaded[0]) changed(loaded.pair);
    }
  }

  /** Reads the files of a certificate anew. True when there is a new one. */
  async #renew(loaded: Loaded): Promise<boolean> {
    const { cert, key } = loaded.files;
    let found = '';
    try {
      const [certText, keyText] = await Promise.all([readFile(cert, 'utf8'), readFile(key, 'utf8')]);
      found = certText + keyText;
      const isSame = certText === loaded.pair.cert && keyText === loaded.pair.key;
      if (!isSame) Object.assign(loaded, parse(loaded.files, { cert: certText, key: keyText }));
      loaded.suspect = undefined;
      loaded.told = undefined;
      if (isSame) return false;
      const text = `The certificate in "${cert}" is new: connections get it from now on`;
      logEvent(this.#log, 'certificate-renewed', { file: cert }, text);
      return true;
    } catch (err) {
      this.#refuse(loaded, found + messageOf(err), err);
      return false;
    }
  }

  /** Tells once of what is wrong, and only when it stays: two files are not written at the same moment. */
  #refuse(loaded: Loaded, found: string, err: unknown): void {
    const wasThere = loaded.suspect === found;
    loaded.suspect = found;
    if (!wasThere || loaded.told === found) return;
    loaded.told = found;
    const { cert } = loaded.files;
    const text = `The new certificate in "${cert}" cannot be used, the old one stays: ${messageOf(err)}`;
    logEvent(this.#log, 'certificate-refused', { file: cert, err }, text);
  }
}

function load(files: CertificateFiles): Loaded {
  return { files, ...parse(files, { cert: read(files.cert), key: read(files.key) }) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MayflyError('usage', `Cannot read "${file}": ${messageOf(cause)}`, { cause });
  }
}

function parse(files: CertificateFiles, pair: Pair): Pick<Loaded, 'pair' | 'names' | 'context'> {
  for (const part of ['cert', 'key'] as const) {
    if (pair[part].includes('-----BEGIN ')) continue;
    throw new MayflyError('usage', `"${files[part]}" is not in the format PEM`, {
      hint: "Such a file has a line '-----BEGIN …'",
    });
  }
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  try {
    return { pair, names: new X509Certificate(pair.cert), context: createSecureContext({ ...pair, ...secure() }) };
  } catch (cause) {
    const message = `"${files.cert}" and "${files.key}" are no certificate and its key: ${messageOf(cause)}`;
    throw new MayflyError('usage', message, { cause });
  }
}

/** What counts for every context of TLS: no version before 1.2. */
export function secure(): { readonly minVersion: 'TLSv1.2'; readonly secureOptions: number } {
  const { constants } = process.getBuiltinModule('node:crypto');
  // Renegotiation of TLS 1.2 costs a server more than a client, and nobody needs it.
  return { minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}
