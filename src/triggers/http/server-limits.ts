// Limits of the server for one app. They hold before it is known which component a request is for.
import type { LockedApp } from '../../app/locked-app.ts';
import { widestLimit } from '../../app/widest-limit.ts';
import { defaultServerLimits, type ServerLimits } from './server.ts';

export function serverLimits(app: LockedApp): Partial<ServerLimits> {
  const { headerBytes, headerCount, bufferedBytes } = defaultServerLimits;
  return {
    headerBytes: widestLimit(app, 'headerBytes', headerBytes),
    headerCount: widestLimit(app, 'headerCount', headerCount),
    bufferedBytes: widestLimit(app, 'bufferedBytes', bufferedBytes),
  };
}
