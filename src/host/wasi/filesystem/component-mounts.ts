// Opens the mounts of a component when its app is loaded. What a guest may have taken away is left out, and the log
// says so.
import type { LockedComponent, LockedMount } from '../../../app/locked-app.ts';
import { MayflyError } from '../../../errors.ts';
import { logEvent } from '../../../telemetry/events.ts';
import type { Logger } from '../../../telemetry/log.ts';
import { errorCodeOf } from './error-code.ts';
import { type Mounts, openMounts } from './mount-tree.ts';

/** Opens the mounts. Throws `manifest-files` for a missing source that only the operator can have changed. */
export function mountsOf({ files, fileWarnings = [] }: LockedComponent, log: Logger): Mounts {
  for (const reason of fileWarnings) logEvent(log, 'mount-left-out', { reason }, `Of its files: ${reason}`);
  return openMounts(files, (mount, error) => {
    const message = faultOf(mount, errorCodeOf(error));
    if (!mount.shared) {
      const hint = 'Start again, or correct the path';
      throw new MayflyError('manifest-files', message, { cause: error, hint });
    }
    logEvent(log, 'mount-left-out', { reason: message }, `It starts without one of its mounts: ${message}`);
  });
}

function faultOf({ source, destination, kind }: LockedMount, code: string): string {
  const what = kind === 'directory' ? 'folder' : 'file';
  return `there is no ${what} ${source} for ${destination} (${code})`;
}
