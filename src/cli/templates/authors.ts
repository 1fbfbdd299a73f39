// Who makes an app, as git and the environment know: the values `authors` and `username` of templates, by Spin's rules.
import { spawnSync } from 'node:child_process';

export function authorValues(): { readonly authors: string; readonly username: string } {
  const env = (...names: string[]): string | undefined => names.map((name) => process.env[name]).find(Boolean);
  const name =
    env('GIT_AUTHOR_NAME', 'GIT_COMMITTER_NAME') ?? gitSetting('user.name') ?? env('USER', 'USERNAME', 'NAME') ?? '';
  const email = env('GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_EMAIL', 'EMAIL') ?? gitSetting('user.email');
  const address = email?.trim().replace(/^<(.*)>$/, '$1');
  return { authors: address ? `${name.trim()} <${address}>` : name.trim(), username: name.trim() };
}

function gitSetting(key: string): string | undefined {
  const { stdout, status } = spawnSync('git', ['config', '--get', key], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() || undefined : undefined;
}
