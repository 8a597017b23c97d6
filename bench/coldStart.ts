import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptTo } from './cores.ts';

/** What a process told when it had its first answer. */
type Told = {
  loaded: number;
  cpuSinceStart: number;
  rss: number;
  mostRss: number;
  result?: unknown;
  error?: { name: string; message: string };
};

/** A process from its start to its first answer, by the clock of whoever waits for it; memory in bytes. */
export type ColdStart = {
  milliseconds: number;
  cpuMilliseconds: number;
  loaded: number;
  rss: number;
  mostRss: number;
  result: unknown;
};

export type Place = { cores: readonly number[]; folder: string; env?: Record<string, string> };
export type Script = 'packaged' | 'session';

/** Puts a script of bench/processes into an artifact's folder, so that it finds there what the artifact has. */
export function bringIn(script: Script, folder: string): Promise<void> {
  return copyFile(new URL(`processes/${script}.cjs`, import.meta.url), join(folder, `${script}.cjs`));
}

/** Starts a script in its folder, on those cores, with nothing in its environment but what is given. */
export async function startCold(script: Script, args: string[], place: Place): Promise<ColdStart> {
  const started = performance.now();
  const child = begin([`${script}.cjs`, ...args], place, 'inherit');
  const [told] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Told | number | null];
  const milliseconds = performance.now() - started;
  if (typeof told !== 'object' || told === null) throw new Error(`${script} ${args[0]} has died.`);
  if (told.error !== undefined) throw new Error(`${args[0]}: ${told.error.name}: ${told.error.message}`);
  await once(child, 'exit');
  const { cpuSinceStart: cpuMilliseconds, loaded, rss, mostRss, result } = told;
  return { milliseconds, cpuMilliseconds, loaded, rss, mostRss, result };
}

/** An empty process, from its start to its end. */
export async function startEmpty(place: Place): Promise<number> {
  const started = performance.now();
  await once(begin(['-e', '0'], place, 'ignore'), 'exit');
  return performance.now() - started;
}

function begin(args: string[], place: Place, stderr: 'inherit' | 'ignore') {
  const [command, all] = keptTo(place.cores, process.execPath, args);
  const stdio = stderr === 'ignore' ? 'ignore' : (['ignore', 'ignore', stderr, 'ipc'] as const);
  return spawn(command, all, { ...surroundings(place), stdio: stdio as never });
}

/** Its folder, and an environment with nothing in it but what is given, and where to find `taskset`. */
export function surroundings({ folder, env = {} }: Place) {
  return { cwd: folder, env: { PATH: process.env['PATH'], ...env } };
}
