import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { keptTo } from '../cores.ts';

/** A server of predictions as a process of its own. */
export type Server = { url: string; pid: number; stop: () => Promise<void> };

/** Swath's server of the project's own models; with `threads`, so many run them. Where cores are named, it keeps to them. */
export function startSwath({ threads, cores }: { threads?: string | undefined; cores?: readonly number[] } = {}) {
  const [swath = '', models = ''] = ['../../cli/swath.mjs', '../../models'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const serve = [swath, 'serve', '--models', models, '--port', '0', '--json'];
  return startServer(
    process.execPath,
    threads === undefined ? serve : [...serve, '--threads', threads],
    cores === undefined ? {} : { cores },
  );
}

/** Starts a server whose first line is JSON with its `url`. Throws where it ends before it has said so. */
export async function startServer(
  command: string,
  args: readonly string[],
  { cores }: { cores?: readonly number[] } = {},
): Promise<Server> {
  const [program, all] = cores === undefined ? [command, [...args]] : keptTo(cores, command, args);
  const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const lines = createInterface(child.stdout);
  const [said] = (await Promise.race([once(lines, 'line'), once(child, 'exit'), once(child, 'error')])) as unknown[];
  if (typeof said !== 'string') throw new Error(`${command} ended before it served anything: ${String(said)}`);
  return {
    url: (JSON.parse(said) as { url: string }).url,
    pid: child.pid!,
    stop: async () => {
      process.off('exit', kill);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
