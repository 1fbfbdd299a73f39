// `languages`: one handler (JSON in, a loop, JSON out) in each language whose toolchain is here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LanguageConfig, LanguageInput, LanguageResult } from '../programs/languages.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, wants } from '../row.ts';
import { type BuiltApp, buildApp, type Toolchain, toolchains } from '../support/languages.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { median, round, show } from '../support/statistics.ts';

const MIB = 1024 * 1024;
const ROUNDS_OF_LOOP = 1000;

interface Measured extends BuiltApp {
  readonly toolchain: Toolchain;
  readonly version: string;
  readonly results: LanguageResult[];
}

export const languages: Row = {
  name: 'languages',
  title: 'One handler in each language',
  async run(options) {
    const base = mkdtempSync(join(tmpdir(), 'mayfly-languages-'));
    try {
      const built: Measured[] = [];
      const missing: string[] = [];
      for (const toolchain of toolchains.filter(({ language }) => wants(options, language))) {
        const version = toolchain.version();
        if (version === undefined) {
          missing.push(toolchain.language);
          continue;
        }
        options.say(`languages: building ${toolchain.language}`);
        built.push({ ...buildApp(toolchain, base), toolchain, version, results: [] });
      }
      for (let time = 0; time < options.rounds; time++) {
        options.say(`languages: round ${time + 1} of ${options.rounds}`);
        for (const one of built) one.results.push(await measure(one, options));
      }
      return report(built, missing);
    } finally {
      rmSync(base, { recursive: true });
    }
  },
};

async function measure({ folder }: BuiltApp, { quick }: BenchOptions): Promise<LanguageResult> {
  let value = 1;
  for (let time = 0; time < ROUNDS_OF_LOOP; time++) value = (value * 75 + 74) % 65537;
  const config: LanguageConfig = {
    folder,
    body: `{"rounds":${ROUNDS_OF_LOOP}}`,
    answer: `{"rounds":${ROUNDS_OF_LOOP},"value":${value}}`,
  };
  const process = await MeasuredProcess.start<LanguageInput, LanguageResult>('languages', config);
  try {
    return await process.measure(quick ? { milliseconds: 0, requests: 2 } : { milliseconds: 1500, requests: 10 });
  } finally {
    await process.stop();
  }
}

function report(built: readonly Measured[], missing: readonly string[]): RowResult {
  const figures: Record<string, Figures> = {};
  const rows = built.map(({ toolchain: { language }, version, size, results }) => {
    const middle = (of: (result: LanguageResult) => number): number => median(results.map(of));
    const [load, first, request] = [middle((r) => r.loadMs), middle((r) => r.firstMs), middle((r) => r.medianMs)];
    const [cpu, resident] = [middle((r) => r.cpuMicroseconds), middle((r) => r.residentBytes)];
    figures[language] = {
      ...{ version, size: size ?? null, load_ms: round(load), first_ms: round(first), request_ms: round(request) },
      ...{ cpu_us: round(cpu), resident_mib: round(resident / MIB) },
    };
    const shownSize = size === undefined ? '–' : show(size / 1000);
    return [language, version, shownSize, ...[load, first, request, cpu, resident / MIB].map(show)];
  });
  const columns = ['', 'made with', 'kB', 'load, ms', 'first request, ms', 'a request, ms', 'CPU µs', 'process, MiB'];
  const notes = [
    `The handler reads {"rounds":${ROUNDS_OF_LOOP}}, goes ${ROUNDS_OF_LOOP} times through a loop of integers, and answers with JSON. A process for each, in process, one request after the other.`,
    ...(missing.length > 0 ? [`Not here: ${missing.join(', ')}`] : []),
  ];
  return { tables: [{ title: 'languages', columns, rows }], figures, notes };
}
