import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { watchMemory } from './processTree.ts';

const SWATH = fileURLToPath(new URL('../cli/swath.mjs', import.meta.url));
/** As npx starts it, its first line finds Node; here it is to find the one that runs. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;

/** Has `swath classify` take a file, and watches the memory of all its processes. The file is gone afterwards, with its results. */
export async function classify(file: string, data: string, ...args: string[]) {
  mkdirSync(data, { recursive: true });
  const started = performance.now();
  const child = spawn(SWATH, ['classify', '--json', ...args, '--data-dir', data, file], {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = watchMemory(child.pid!);
  const said = await text(child.stdout);
  const milliseconds = performance.now() - started;
  const seen = end();
  for (const path of [file, join(data, 'inbox'), join(data, 'results')]) rmSync(path, { recursive: true, force: true });
  if (!said.includes('"DONE"')) throw new Error(`swath classify said ${said || 'nothing'}`);
  return { ...seen, milliseconds };
}
