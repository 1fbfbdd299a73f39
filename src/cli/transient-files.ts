// `--allow-transient-write`: components may write their mounts, which are copies then, and gone when the process ends.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { LockedApp, LockedComponent, LockedMount } from '../app/locked-app.ts';

/** Copies all mounts to a new folder in `parent`, and lets the components write them. The app's own files stay. */
export function withTransientFiles(app: LockedApp, parent?: string): LockedApp {
  return withCopies(app, () => true, parent);
}

/** The same for what a pulled app may write: its files lie in a cache, which others read, too. */
export function withPulledFiles(app: LockedApp, parent?: string): LockedApp {
  const mayWrite = ({ files, settings }: LockedComponent): boolean => settings.writableFiles && files.length > 0;
  return app.components.some(mayWrite) ? withCopies(app, mayWrite, parent) : app;
}

function withCopies(app: LockedApp, isCopied: (component: LockedComponent) => boolean, parent = tmpdir()): LockedApp {
  mkdirSync(parent, { recursive: true });
  // Sources of mounts are absolute paths without links; '--temp' may be relative, or lead through a link.
  const folder = realpathSync(mkdtempSync(join(parent, 'mayfly-files-')));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const components = app.components.map((component) => {
    if (!isCopied(component)) return component;
    const files = component.files.map((mount, index) => copied(mount, join(folder, component.id, String(index))));
    return { ...component, files, settings: { ...component.settings, writableFiles: true } };
  });
  return { ...app, components };
}

/** Links are copied as links: whoever opens a mount follows none that lead out of it. */
function copied(mount: LockedMount, folder: string): LockedMount {
  const target = mount.kind === 'directory' ? folder : join(folder, basename(mount.source));
  mkdirSync(folder, { recursive: true });
  cpSync(mount.source, target, { recursive: true, dereference: false, verbatimSymlinks: true });
  return { ...mount, source: target };
}
