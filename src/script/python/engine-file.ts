// Where the engine for programs in Python is: the cache folder, into which it is made once, by Python with pip.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MayflyError, messageOf } from '../../errors.ts';
import { cacheOfUser, home, isPacked } from '../../home.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/log.ts';

interface EngineBuild {
  /** `onBuild` is called before it takes long. True when it wrote. */
  buildPythonEngine(output: string, onBuild: () => void): Promise<boolean>;
}

let building: Promise<string> | undefined;

/** The absolute path of the engine component. Rejects with `script-engine`. */
export function pythonEngineFile(log: Logger): Promise<string> {
  building ??= build(log);
  building.catch(() => {
    building = undefined;
  });
  return building;
}

async function build(log: Logger): Promise<string> {
  const output = join(isPacked ? join(cacheOfUser(), 'mayfly') : join(home, '.cache'), 'engines', 'python.wasm');
  try {
    const url = pathToFileURL(join(home, 'sdk', 'python', 'build.mjs'));
    const { buildPythonEngine } = (await import(url.href)) as EngineBuild;
    await buildPythonEngine(output, () =>
      logEvent(log, 'engine-made', { label: 'python' }, 'Making the engine for Python with pip, once: about a minute'),
    );
    return output;
  } catch (cause) {
    throw new MayflyError('script-engine', `The engine for Python cannot be made: ${messageOf(cause)}`, {
      cause,
      hint: 'It wants Python 3.10 or newer with venv and pip (apt-get install python3-venv), and its registry, once',
    });
  }
}
