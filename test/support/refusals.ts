// What a part of the code may say no with, read from its source: so that a test can ask for a case of each.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The texts given to `name(…)` in the sources of a folder, as patterns: anything may stand for what is put in. */
export function refusalTexts(folder: URL, name: string): Map<string, RegExp> {
  const found = new Map<string, RegExp>();
  const call = new RegExp(`\\b${name}\\(\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|\`((?:[^\`\\\\]|\\\\.)*)\`)`, 'g');
  const root = fileURLToPath(folder);
  for (const file of globSync('*.ts', { cwd: root }).filter((one) => !one.endsWith('.test.ts'))) {
    for (const [, plain, template] of readFileSync(`${root}/${file}`, 'utf8').matchAll(call)) {
      const text = (plain ?? template ?? '').replace(/\\(.)/g, '$1');
      found.set(`${file}: ${text}`, patternOf(text));
    }
  }
  return found;
}

function patternOf(template: string): RegExp {
  const parts = template.split(/\$\{(?:[^{}]|\{[^}]*\})*\}/).map((part) => part.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&'));
  return new RegExp(`${parts.join('[^]*')}$`);
}
