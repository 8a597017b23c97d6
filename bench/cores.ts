import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The cores that this process may use, by their numbers; where nobody tells, they are counted from 0. */
export function coresHere(): number[] {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const cores = coresOf(list);
    if (cores.length > 0) return cores;
  } catch {
    // no Linux
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
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

/** Whether a process can be kept to some cores here. */
export function canPin(): boolean {
  found ??= spawnSync('taskset', ['--version']).error === undefined;
  return found;
}

/** What to start in place of `command`, so that it keeps to those cores where that is possible. */
export function keptTo(cores: readonly number[], command: string, args: readonly string[]): [string, string[]] {
  return canPin() ? ['taskset', ['-c', cores.join(','), command, ...args]] : [command, [...args]];
}
