// The app of a reference to a registry: it is pulled, and then served like one that lies here.
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pulled, type PullOptions, pull } from '../../registry/pull.ts';
import { formatReference, parseReference } from '../../registry/reference.ts';
import { readText } from '../options.ts';
import { progress } from '../ui.ts';
import type { PulledFrom } from './pulled-from.ts';

export interface PullCommandOptions {
  /** The absolute path of the cache; without one, or where it cannot be written, what was pulled goes with the process. */
  readonly cacheDirectory: string | undefined;
  readonly insecure?: boolean | undefined;
  /** The file of the public key of which what is pulled must have a signature. */
  readonly requireSignature?: string | undefined;
}

/** Pulls an app, and gives the path of its manifest. Throws as `pull` does, and `usage` for what is no reference. */
export async function pullApp(
  from: string,
  { cacheDirectory, insecure, requireSignature }: PullCommandOptions,
): Promise<PulledFrom & Pick<Pulled, 'path' | 'kind'>> {
  const reference = parseReference(from);
  const verify = requireSignature === undefined ? undefined : await verifierOf(requireSignature);
  const shown = progress(`Pulling ${formatReference(reference)}`);
  try {
    const pulled = await pull(reference, { cacheDirectory: usableCache(cacheDirectory), insecure, verify });
    return { ...pulled, reference: formatReference(reference) };
  } finally {
    shown.done();
  }
}

async function verifierOf(file: string): Promise<PullOptions['verify']> {
  const [{ readPublicKey }, { verifyManifest }] = await Promise.all([
    import('../../registry/signing-key.ts'),
    import('../../registry/signature.ts'),
  ]);
  const key = readPublicKey(readText(file));
  return (repository, digest) => verifyManifest(repository, digest, key);
}

/** The cache folder; one for temporary files, which goes with the process, without one or where it cannot be written. */
export function usableCache(cacheDirectory: string | undefined): string {
  if (cacheDirectory !== undefined) {
    try {
      mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 });
      accessSync(cacheDirectory, constants.W_OK);
      return cacheDirectory;
    } catch {
      // As for prepared components: without a cache it takes longer, and works.
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-pulled-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
