// The WebAssembly files of a locked app, wherever in it they stand.
import type { LockedApp } from './locked-app.ts';
import type { LockedFile } from './locked-file.ts';
import type { LockedTrigger } from './manifest/triggers/all.ts';

type Change = <File extends LockedFile>(file: File) => File;

/** The app with each of its files changed. */
export function mapFiles(app: LockedApp, change: Change): LockedApp {
  return {
    ...app,
    triggers: app.triggers.map((trigger) => mapTrigger(trigger, change)),
    components: app.components.map((component) => {
      const { dependencies, ...changed } = change(component);
      return { ...changed, ...(dependencies ? { dependencies: dependencies.map((one) => change(one)) } : {}) };
    }),
  };
}

function mapTrigger(trigger: LockedTrigger, change: Change): LockedTrigger {
  if (trigger.type !== 'http' || trigger.action.kind !== 'component' || !trigger.action.middleware) return trigger;
  const middleware = trigger.action.middleware.map((one) => change(one));
  return { ...trigger, action: { ...trigger.action, middleware } };
}

/** All files that are fetched from elsewhere. */
export function remoteFiles(app: LockedApp): LockedFile[] {
  const found: LockedFile[] = [];
  mapFiles(app, (file) => {
    if (file.remote) found.push(file);
    return file;
  });
  return found;
}
