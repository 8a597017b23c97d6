import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptTo } from './cores.ts';

type Told = {
  loaded: number;
  cpuSinceStart: number;
  rss: number;
  result?: unknown;
  error?: { name: string; message: string };
};

/** A process from its start to its first answer, by the clock of whoever waits for it; memory in bytes. */
export type ColdStart = Omit<Told, 'cpuSinceStart' | 'error'> & { milliseconds: number; cpuMilliseconds: number };

export type Place = { cores: readonly number[]; folder: string; env?: Record<string, string> };
type Script = 'packaged' | 'session';

/** Puts a script of bench/processes into an artifact's folder, so that it finds there what the artifact has. */
export function bringIn(script: Script, folder: string): Promise<void> {
  return copyFile(new URL(`processes/${script}.cjs`, import.meta.url), join(folder, `${script}.cjs`));
}

/** Starts a script in its folder, on those cores, with nothing in its environment but what is given. */
export async function startCold(script: Script, args: string[], place: Place): Promise<ColdStart> {
  const started = performance.now();
  const child = begin([`${script}.cjs`, ...args], place, ['ignore', 'ignore', 'inherit', 'ipc']);
  const [told] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Told | number | null];
  const milliseconds = performance.now() - started;
  if (typeof told !== 'object' || told === null) throw new Error(`${script} ${args[0]} has died.`);
  if (told.error !== undefined) throw new Error(`${args[0]}: ${told.error.name}: ${told.error.message}`);
  await once(child, 'exit');
  const { cpuSinceStart: cpuMilliseconds, error: _, ...others } = told;
  return { ...others, milliseconds, cpuMilliseconds };
}

/** An empty process, from its start to its end. */
export async function startEmpty(place: Place): Promise<number> {
  const started = performance.now();
  await once(begin(['-e', '0'], place, 'ignore'), 'exit');
  return performance.now() - started;
}

/** Starts Node in a folder, with an environment that has nothing but what is given, and where to find `taskset`. */
export function begin(args: string[], { cores, folder, env = {} }: Place, stdio: StdioOptions) {
  const [command, all] = keptTo(cores, process.execPath, args);
  return spawn(command, all, { cwd: folder, env: { PATH: process.env['PATH'], ...env }, stdio });
}
