// Certificates as files in a folder of their own, for tests.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { certificate, key } from '../../../host/outbound-http/certificate.fixture.ts';
import type { CertificateFiles } from '../../trigger.ts';
import type { Pair } from './certificates.ts';

export function certificateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function writePair(folder: string, { cert, key: keyText }: Pair): CertificateFiles {
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, keyText);
  return files;
}

/** The files of the certificate for localhost that other tests have, too. */
export const localhostFiles = (): CertificateFiles => writePair(certificateFolder(), { cert: certificate, key });
