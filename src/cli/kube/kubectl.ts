// kubectl, which knows the cluster, its login and its name: nothing of that is done again here.
import { spawn } from 'node:child_process';
import { MayflyError } from '../../errors.ts';

export interface KubectlOptions {
  readonly namespace?: string;
  readonly kubeContext?: string;
}

/** Runs kubectl with this process's output; `input` goes to its stdin. Resolves to its exit code. Throws `kubectl`. */
export function kubectl(
  args: readonly string[],
  { namespace, kubeContext }: KubectlOptions,
  input?: string,
): Promise<number> {
  const of = [
    ...(kubeContext === undefined ? [] : ['--context', kubeContext]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', [...of, ...args], {
      stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'],
    });
    child.on('error', (cause) => {
      reject(
        new MayflyError('kubectl', `kubectl cannot be run: ${cause.message}`, {
          cause,
          hint: 'Install kubectl, and see that it finds your cluster',
        }),
      );
    });
    child.on('close', (code) => resolve(code ?? 1));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
