// The environment of a build command.
import { delimiter } from 'node:path';
import { home } from '../../home.ts';
import { toolFolders } from '../installation.ts';

/** The caller's environment, with Mayfly's own build tools at the end of PATH and its folder in MAYFLY_HOME. */
export function buildEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const path = [environment.PATH, ...toolFolders()].filter((part) => part).join(delimiter);
  return { ...environment, PATH: path, MAYFLY_HOME: home };
}
