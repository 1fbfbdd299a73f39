// Builds the engine for programs in Python: node build.mjs -o <file.wasm>
// componentize-py makes a component of CPython, of `mayfly_engine` and of Spin's SDK. Both come from pip, into a folder that is
// removed afterwards.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { buildUnlessFresh } from '../stamp.mjs';
import { BuildError, runBuild } from '../tools.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
const MINUTES = 10 * 60_000;

/** Writes the engine to `output` unless what is there is up to date; true when it wrote. `onBuild` is called before that. */
export async function buildPythonEngine(output, onBuild = () => undefined) {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(py|wit|txt)$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return buildUnlessFresh(output, [...names, ...texts], () => {
    onBuild();
    return build();
  });
}

async function build() {
  const work = await mkdtemp(join(tmpdir(), 'mayfly-python-'));
  try {
    const tools = join(work, 'tools');
    const python = process.env.MAYFLY_PYTHON ?? 'python3';
    await step(python, ['-m', 'venv', tools], 'Python with venv');
    const bin = join(tools, 'bin');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
    await step(join(bin, 'python'), [...pip, '-r', join(folder, 'requirements.txt')], 'pip');
    const [version] = await readdir(join(tools, 'lib'));
    const worlds = ['spin:up/http-trigger@4.1.0', 'mayfly:script/engine'].flatMap((world) => ['-w', world]);
    const file = join(work, 'engine.wasm');
    // Python writes what it has compiled beside the sources: that is not for the package.
    const sources = join(work, 'sources');
    const isSource = (file) => !file.endsWith('__pycache__');
    await cp(folder, sources, { recursive: true, filter: isSource });
    const shared = ['-q', '-d', sources, ...worlds, '--full-names'];
    const name = ['--export-interface-name', 'mayfly:script/program@0.1.0=program'];
    const paths = ['-p', sources, '-p', join(tools, 'lib', version, 'site-packages')];
    const args = [...shared, ...name, 'componentize', 'mayfly_engine', ...paths, '-o', file];
    await step(join(bin, 'componentize-py'), args, 'componentize-py');
    return await readFile(file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function step(command, args, what) {
  try {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: '', VIRTUAL_ENV: undefined };
    await run(command, args, { timeout: MINUTES, maxBuffer: 16 * 1024 * 1024, env });
  } catch (error) {
    const { code, stderr = '' } = error;
    const reason = code === 'ENOENT' ? 'it is not there' : lastLines(stderr) || error.message;
    throw new BuildError(`${what}: ${reason}`, { cause: error });
  }
}

/** What a tool says in the end; the rest is its own stack. */
function lastLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+(\d+:|at )/.test(line));
  return lines.slice(-3).join('; ').slice(0, 600);
}

async function main(args) {
  const { values } = parseArgs({ args, options: { output: { type: 'string', short: 'o' } } });
  if (values.output === undefined) throw new BuildError('Usage: node build.mjs -o <file.wasm>');
  const built = await buildPythonEngine(values.output);
  console.error(built ? `Built ${values.output}` : `${values.output} is up to date`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await runBuild(main);
