import { mean } from 'simple-statistics';
import { processorTimeBelow } from './processTree.ts';

/** What so many chips took: by the clock, and of processor time, of a process with all that it has started. */
export type Taken = { chips: number; milliseconds: number; cpuMilliseconds: number };

/** Begins to take the time; what it answers ends it. */
export function startTaking(): (chips: number) => Taken {
  const before = process.cpuUsage();
  const beforeBelow = processorTimeBelow(process.pid);
  const started = performance.now();
  return (chips) => {
    const milliseconds = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    let cpuMilliseconds = (user + system) / 1000;
    for (const [pid, taken] of processorTimeBelow(process.pid)) cpuMilliseconds += taken - (beforeBelow.get(pid) ?? 0);
    return { chips, milliseconds, cpuMilliseconds };
  };
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
