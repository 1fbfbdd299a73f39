// The engine for programs in Python, which Python with pip makes once; where that cannot be, `pythonMissing` says why.
import { pythonEngineFile } from '../../src/script/python/engine-file.ts';
import { silentLog } from '../../src/telemetry/log.ts';

/** For `skip` of a test: makes the engine where it is not there yet. */
export async function pythonMissing(): Promise<string | false> {
  try {
    await pythonEngineFile(silentLog);
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}
