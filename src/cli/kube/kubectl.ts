// kubectl, which knows the cluster, its login and its name: nothing of that is done again here.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { MayflyError } from '../../errors.ts';

export interface KubectlOptions {
  readonly namespace?: string;
  readonly kubeContext?: string;
}

/** Runs kubectl with this process's output; `input` goes to its stdin. Resolves to its exit code. Throws `kubectl`. */
export function kubectl(args: readonly string[], options: KubectlOptions, input?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', [...placeOf(options), ...args], {
      stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'],
    });
    child.on('error', (cause) => reject(missing(cause)));
    child.on('close', (code) => resolve(code ?? 1));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** The names of the kinds that the cluster knows, such as `deployments.apps`. Throws `kubectl`. */
export async function knownKinds(options: KubectlOptions): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', [...placeOf(options), 'api-resources', '--output', 'name']);
    return stdout.split('\n').filter((name) => name !== '');
  } catch (cause) {
    throw missing(cause as Error);
  }
}

function placeOf({ namespace, kubeContext }: KubectlOptions): string[] {
  return [
    ...(kubeContext === undefined ? [] : ['--context', kubeContext]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ];
}

function missing(cause: Error): MayflyError {
  return new MayflyError('kubectl', `kubectl cannot be run, or not reach a cluster: ${cause.message}`, {
    cause,
    hint: 'Install kubectl, and see that it finds your cluster',
  });
}
