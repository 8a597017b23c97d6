import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { processorTimeOfEnded, watchMemory } from './processTree.ts';

const SWATH = fileURLToPath(new URL('../cli/swath.mjs', import.meta.url));
/** As npx starts it, its first line finds Node; here it is to find the one that runs. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;

/** Has `swath classify` take a file, and watches the memory and the processor time of all its processes. The results are gone afterwards. */
export async function classify(file: string, data: string, ...args: string[]) {
  mkdirSync(data, { recursive: true });
  const before = processorTimeOfEnded(process.pid);
  const started = performance.now();
  const child = spawn(SWATH, ['classify', '--json', ...args, '--data-dir', data, file], {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const end = watchMemory(child.pid!);
  const said = await text(child.stdout);
  const milliseconds = performance.now() - started;
  const seen = end();
  await ended;
  const cpuMilliseconds = processorTimeOfEnded(process.pid) - before;
  for (const path of ['inbox', 'results']) rmSync(join(data, path), { recursive: true, force: true });
  if (!said.includes('"DONE"')) throw new Error(`swath classify said ${said || 'nothing'}`);
  return { ...seen, milliseconds, cpuMilliseconds };
}
