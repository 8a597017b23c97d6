import { mean, sum } from 'simple-statistics';
import { processorTimeBelow, processorTimeOfEnded } from './processTree.ts';

/** What so many chips took: by the clock, and of processor time, of a process with all that it has started. */
export type Taken = { chips: number; milliseconds: number; cpuMilliseconds: number };

/** Begins to take the time; what it answers ends it. */
export function startTaking(): (chips: number) => Taken {
  const before = processorTime();
  const started = performance.now();
  return (chips) => {
    const milliseconds = performance.now() - started;
    return { chips, milliseconds, cpuMilliseconds: processorTime() - before };
  };
}

/** Of this process, and of all that it has started, whether it is there still or has ended. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + sum([...processorTimeBelow(process.pid).values(), processorTimeOfEnded(process.pid)]);
}

/** Chips a second. */
export function rate({ chips, milliseconds }: Pick<Taken, 'chips' | 'milliseconds'>): number {
  return (chips * 1000) / milliseconds;
}

/** Chips a second of processor time: it says little of what waits, and is the same beside whatever else is running. */
export function processorRate({ chips, cpuMilliseconds }: Taken): number {
  return (chips * 1000) / cpuMilliseconds;
}

/** With less than this share of its core, something that never waits had to share it. */
const ALONE = 0.95;

/** Says so where the bare model, which never waits, had not got its core for itself; else nothing. */
export function sharedCore(bare: readonly Taken[]): string | undefined {
  const share = mean(bare.map(({ cpuMilliseconds, milliseconds }) => cpuMilliseconds / milliseconds));
  if (share >= ALONE) return undefined;
  return `THE MACHINE WAS BUSY: the bare model, which never waits, had ${Math.round(share * 100)} % of its core. Figures by the clock are too low; ratios, and figures by processor time, less so.`;
}
