// Finds components whose source is missing, and build commands whose tools are not on this machine.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LockedApp, LockedComponent } from '../../app/locked-app.ts';
import { buildEnvironment } from '../build/environment.ts';
import { buildApp } from '../build/run-builds.ts';
import type { Finding } from './finding.ts';

/** Tools come first: without them a build that mends a missing source would fail. */
export function findInComponents(app: LockedApp): Finding[] {
  const commands = app.components.flatMap(({ build }) => build?.command ?? []);
  const tools = new Set(commands.map(toolOf).filter((tool) => tool !== undefined));
  const targets = new Set(commands.flatMap(rustTargetOf));
  const missing = app.components.filter(({ source, script }) => !script && source !== '' && !existsSync(source));
  const unbuilt = app.components.filter(({ source, script }) => script && source !== '' && !existsSync(source));
  return [
    ...[...tools].map(examineTool),
    ...(targets.size > 0 && isOnPath('rustup') ? [...targets].map(examineTarget) : []),
    ...missing.map((component) => missingSource(app, component)),
    ...app.components.flatMap(missingProgram),
    ...unbuilt.map(unbuiltProgram),
  ];
}

/** The program that a command line runs first, behind settings of variables; undefined for what the shell has itself. */
function toolOf(command: string): string | undefined {
  const words = command.trim().split(/\s+/);
  const word = words.find((one) => !/^\w+=/.test(one));
  return word !== undefined && /^[\w.+-]+$/.test(word) && !shellWords.has(word) ? word : undefined;
}

const shellWords = new Set(['cd', 'echo', 'exec', 'export', 'for', 'if', 'set', 'test', 'true', 'while', '.', ':']);

function examineTool(tool: string): Finding {
  if (isOnPath(tool)) return { state: 'ok', text: `${tool} is installed, which builds of this app run` };
  return { state: 'wrong', text: `A build of this app runs "${tool}", which is not on the path: install it` };
}

/** The WebAssembly target of a build by cargo. */
function rustTargetOf(command: string): string[] {
  if (!/\bcargo\b/.test(command)) return [];
  return [...command.matchAll(/--target[ =](wasm32-[\w-]+)/g)].map(([, target]) => target as string);
}

function examineTarget(target: string): Finding {
  const { stdout } = spawnSync('rustup', ['target', 'list', '--installed'], { encoding: 'utf8' });
  if (stdout?.split('\n').includes(target)) return { state: 'ok', text: `Rust builds for ${target}` };
  return {
    state: 'fixable',
    text: `Rust cannot build for ${target}: 'rustup target add ${target}'`,
    fix: async () => {
      const { status } = spawnSync('rustup', ['target', 'add', target], { stdio: ['ignore', 'ignore', 'inherit'] });
      if (status !== 0) throw new Error(`'rustup target add ${target}' ended with ${status}`);
      return `Rust builds for ${target}`;
    },
  };
}

function missingProgram({ id, script }: LockedComponent): Finding[] {
  if (!script || existsSync(script.entry)) return [];
  return [{ state: 'wrong', text: `The program of component "${id}" is missing: ${script.entry}` }];
}

/** A program runs from its source file: the component is for others. */
function unbuiltProgram({ id, source }: LockedComponent): Finding {
  return { state: 'note', text: `"${id}" runs as it is; 'mayfly build' makes ${source}, which Spin runs` };
}

function missingSource(app: LockedApp, { id, source, build }: LockedComponent): Finding {
  const text = `The source of component "${id}" is missing: ${source}`;
  if (!build) return { state: 'wrong', text: `${text}. It has no build command: correct the path, or build it` };
  const fix = async (): Promise<string> => {
    await buildApp(app, { only: [id], skipUnchanged: false, output: 'stderr' });
    return `Component "${id}" is built`;
  };
  return { state: 'fixable', text: `${text}. It can be built`, fix };
}

function isOnPath(tool: string): boolean {
  const { PATH = '' } = buildEnvironment();
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
