import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { readOrNothing } from './processTree.ts';

/** The cores that this process may use, by their numbers; where nobody tells, they are counted from 0. */
export function coresHere(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(.+)$/m.exec(readOrNothing('/proc/self/status')) ?? [];
  const cores = coresOf(list);
  return cores.length > 0 ? cores : Array.from({ length: availableParallelism() }, (_, core) => core);
}

/** A list such as `0-2,5`. */
export function coresOf(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined || range.trim() === '') return [];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

let found: boolean | undefined;

export function canPin(): boolean {
  found ??= spawnSync('taskset', ['--version']).error === undefined;
  return found;
}

/** What to start in place of `command`, so that it keeps to those cores where that is possible. */
export function keptTo(cores: readonly number[], command: string, args: readonly string[]): [string, string[]] {
  return canPin() ? ['taskset', ['-c', cores.join(','), command, ...args]] : [command, [...args]];
}

/** From now on this process leaves the other cores alone, where that is possible. */
export function keepThisProcessTo(cores: readonly number[]): void {
  if (canPin()) spawnSync('taskset', ['-acp', cores.join(','), String(process.pid)]);
}

const LOOK_MILLISECONDS = 300;

/** The cores in another order: first the one that has had the least to do just now. */
export async function idlest(cores: readonly number[]): Promise<number[]> {
  const before = busyTicks();
  await setTimeout(LOOK_MILLISECONDS);
  const after = busyTicks();
  const busy = (core: number) => (after.get(core) ?? 0) - (before.get(core) ?? 0);
  return cores.toSorted((a, b) => busy(a) - busy(b) || a - b);
}

/** What each core has worked since the system began, where it tells. */
function busyTicks(): Map<number, number> {
  const lines = readOrNothing('/proc/stat').matchAll(/^cpu(\d+) (.+)$/gm);
  return new Map(
    Array.from(lines, ([, core, fields]): [number, number] => {
      const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields!.split(' ').map(Number);
      return [Number(core), user + nice + system + irq + softirq];
    }),
  );
}
