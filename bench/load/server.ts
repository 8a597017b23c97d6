import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [SWATH, MODELS] = ['../../cli/swath.mjs', '../../models'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
) as [string, string];

/**
 * Starts Swath's server of the project's own models as a process of its own; with `threads`, so many run them. Throws where
 * it ends before it has said where it is.
 */
export async function startServer(threads: string | undefined): Promise<{ url: string; stop: () => Promise<void> }> {
  const serve = [SWATH, 'serve', '--models', MODELS, '--port', '0', '--json'];
  const args = threads === undefined ? serve : [...serve, '--threads', threads];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const [said] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as unknown[];
  if (typeof said !== 'string') throw new Error(`swath serve ended before it served anything: ${String(said)}`);
  return {
    url: (JSON.parse(said) as { url: string }).url,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
