// The kinds of TOML files that are read: what messages call them, and the codes of mistakes in them.
import type { ErrorCode } from '../../errors.ts';

export interface FileKind {
  readonly name: string;
  /** Whether it holds secrets, which errors must not show. */
  readonly secret?: true;
  readonly codes: {
    readonly missing: ErrorCode;
    readonly syntax: ErrorCode;
    readonly invalid: ErrorCode;
    readonly keyMissing: ErrorCode;
    readonly keyUnknown: ErrorCode;
    readonly type: ErrorCode;
    readonly value: ErrorCode;
  };
}

export const manifestFile: FileKind = {
  name: 'manifest',
  codes: {
    missing: 'manifest-missing',
    syntax: 'manifest-syntax',
    invalid: 'manifest-invalid',
    keyMissing: 'manifest-key-missing',
    keyUnknown: 'manifest-key-unknown',
    type: 'manifest-type',
    value: 'manifest-value',
  },
};

export const runtimeConfigFile: FileKind = {
  name: 'runtime configuration',
  secret: true,
  codes: {
    missing: 'runtime-config-missing',
    syntax: 'runtime-config-syntax',
    invalid: 'runtime-config-invalid',
    keyMissing: 'runtime-config-key-missing',
    keyUnknown: 'runtime-config-key-unknown',
    type: 'runtime-config-type',
    value: 'runtime-config-value',
  },
};
