// `hostcalls`: what a call from a guest into the host costs, by the shape of its parameters and result.
import type { HostcallsInput, HostcallsRound } from '../programs/hostcalls.ts';
import type { Row } from '../row.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { median, round, show } from '../support/statistics.ts';

const CALLS = 1_000_000;

export const hostcalls: Row = {
  name: 'hostcalls',
  title: 'Nanoseconds a host call',
  async run({ rounds, quick, say }) {
    const process = await MeasuredProcess.start<HostcallsInput, HostcallsRound>('hostcalls', {});
    try {
      const taken: HostcallsRound[] = [];
      for (let number = 0; number <= rounds; number++) {
        say(`hostcalls: ${number === 0 ? 'warming up' : `round ${number} of ${rounds}`}`);
        const one = await process.measure({ calls: quick ? 1_000 : CALLS });
        if (number > 0) taken.push(one);
      }
      return report(taken);
    } finally {
      await process.stop();
    }
  },
};

function report(taken: readonly HostcallsRound[]) {
  const names = Object.keys(taken[0] ?? {});
  const medians = names.map((name) => [name, median(taken.map((one) => one[name] ?? Number.NaN))] as const);
  const rows = medians.map(([name, nanoseconds]) => [name, show(nanoseconds)]);
  const figures = Object.fromEntries(medians.map(([name, nanoseconds]) => [key(name), round(nanoseconds)]));
  return {
    tables: [{ title: 'hostcalls, nanoseconds of CPU time a call', columns: ['guest → host', 'ns'], rows }],
    figures,
    notes: ['The loop around the call is in it, about a nanosecond.'],
  };
}

/** `→ string of 16` becomes `to_guest_string_of_16_ns`. */
function key(name: string): string {
  const named = name.startsWith('→') ? `to_guest ${name.slice(1)}` : name.replace(/→$/, 'to_host').replace('→', 'to');
  return `${named.trim().replaceAll(/\W+/g, '_')}_ns`;
}
