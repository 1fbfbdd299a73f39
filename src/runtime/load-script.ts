// Loads a component that is a program: bundles it, and evaluates it in an engine that all programs of the process share.
import type { LockedComponent, LockedScript } from '../app/locked-app.ts';
import { type EngineName, engineNames, isPython } from '../app/script-file.ts';
import { MayflyError } from '../errors.ts';
import type { Guest } from '../invocation/exchange.ts';
import { createImage, type FactoryOptions, imageFactory, type SandboxFactory } from '../sandbox/factory.ts';
import { imageDeriver } from '../sandbox/image-deriver.ts';
import { type LoadArtifactOptions, loadArtifact } from '../sandbox/load-artifact.ts';
import { type Bundle, bundle } from '../script/bundle/bundle.ts';
import { readBundled } from '../script/bundle/bundled-file.ts';
import { memoryPath } from '../script/bundle/memory-files.ts';
import { engineFile } from '../script/engine/engine-file.ts';
import { interfacesOf } from '../script/engine/interfaces.ts';
import { type PreparedEngine, useEngine } from '../script/engine/shared-engines.ts';
import { type EngineProgram, evaluate } from '../script/evaluate.ts';
import { pythonEngineFile } from '../script/python/engine-file.ts';
import { readProgram } from '../script/python/read-program.ts';
import { type Positions, SourcePositions } from '../script/source-positions.ts';

/** A program as its files were when it was put together. */
export interface Program {
  readonly positions: Positions;
  /** The absolute paths of the files that it was made of. */
  readonly inputs: readonly string[];
  /** What the bundler made of it; undefined for a program that is not bundled. */
  readonly text: BundledText | undefined;
  /** Evaluates the program in a sandbox without permissions, and makes a factory of what it has become. */
  makeFactory(guest: Omit<Guest, 'pool'>, basics: FactoryOptions): Promise<SandboxFactory>;
}

/** What the bundler makes of a program. */
type BundledText = Pick<Bundle, 'code' | 'map'>;

export interface OpenedScript extends Pick<PreparedEngine, 'loaded'> {
  /** The absolute path of the engine component. */
  readonly engineFile: string;
  /** Puts the program together of what its files are now. Rejects with `script-invalid`. */
  compile(): Promise<Program>;
  close(): void;
}

/** Rejects with `script-engine`. */
export async function openScript(
  { script, variables }: Pick<LockedComponent, 'variables'> & { readonly script: LockedScript },
  options: LoadArtifactOptions,
  basics: FactoryOptions,
): Promise<OpenedScript> {
  const { engine = engineNames[0], entry } = script;
  const inPython = isPython(entry);
  const file = inPython ? await pythonEngineFile(options.log) : await engineFile(engine);
  const used = await useEngine(keyOf(file, options, basics), () => prepareEngine(file, options, basics));
  const { artifact } = used.loaded;
  const names = { variables: Object.keys(variables) };
  return {
    loaded: used.loaded,
    engineFile: file,
    async compile() {
      const program: ReadyProgram = inPython
        ? await readProgram(script)
        : await bundled(script, interfacesOf(artifact.plan), engine);
      return {
        positions: program.positions,
        inputs: program.inputs,
        text: program.text,
        async makeFactory(guest, own) {
          const image = await used.images.derive((sandbox) => evaluate(sandbox, artifact, guest, program, names));
          if ('reason' in image) throw new MayflyError('script-failed', `The program cannot be kept: ${image.reason}`);
          return imageFactory(artifact, image, own);
        },
      };
    },
    close: () => used.release(),
  };
}

/** A program that can be evaluated; `text` is what the bundler made, where it made something. */
type ReadyProgram = EngineProgram & Pick<Program, 'inputs'> & { readonly text?: BundledText };

/** The name under which an engine knows the text of a bundle. */
const BUNDLE_NAME = 'mayfly-program.js';

async function bundled(
  script: LockedScript,
  interfaces: ReadonlySet<string>,
  engine: EngineName,
): Promise<ReadyProgram> {
  const { code, map, inputs } = script.bundled
    ? { ...(await readBundled(script.entry)), inputs: [script.entry] }
    : await bundle(programOf(script), interfaces, engine);
  const positions = new SourcePositions(BUNDLE_NAME, map);
  return { code, name: BUNDLE_NAME, positions, inputs, text: { code, map } };
}

function programOf({ entry, modules }: LockedScript): Parameters<typeof bundle>[0] {
  return modules ? { entry: memoryPath(entry), modules } : { entry };
}

/** All that decides what a prepared engine is. Interfaces of the host are the same for all apps that have the same. */
function keyOf(
  file: string,
  { maximumPages, maximumTableElements, interruptible, debug, host }: LoadArtifactOptions,
  { strategy, verify, handleLimit }: FactoryOptions,
): string {
  const limits = [maximumPages, maximumTableElements, handleLimit];
  return JSON.stringify([file, limits, interruptible, debug, strategy, verify, host.names.join(), host.variant]);
}

async function prepareEngine(
  file: string,
  options: LoadArtifactOptions,
  basics: FactoryOptions,
): Promise<PreparedEngine> {
  const loaded = await loadArtifact([file], { ...options, composition: undefined });
  let data: Parameters<typeof loaded.keep>[0];
  const image = await createImage(loaded.artifact, {
    ...basics,
    preinitialize: undefined,
    stored: loaded.storedImage,
    keep: (found) => {
      data = found;
    },
  });
  loaded.keep(data);
  if ('reason' in image) throw new MayflyError('script-engine', `The engine has no image: ${image.reason}`);
  const { artifact } = loaded;
  const images = imageDeriver(artifact, image, basics);
  const close = (): void => {
    images.close();
    image.close();
  };
  return { loaded: { ...loaded, storedImage: undefined }, images, close };
}
