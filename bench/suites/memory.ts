import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { measured } from '../figure.ts';
import { canSample, SAMPLE_MILLISECONDS, watchMemory } from '../processTree.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import type { Suite } from '../suite.ts';
import { FRAME_BYTES } from '../unavoidable.ts';

const SWATH = fileURLToPath(new URL('../../cli/swath.mjs', import.meta.url));
/** As npx starts it, its first line finds Node; here it is to find the one that runs. */
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;
const MB = 1e6;
const SIZES = [4, 40, 400, 4000];
/** The file, its copy in the inbox, and its prepared parts. */
const ROOM = 2.5;

/** The peak of the whole process tree of `swath classify`, against the size of its file. */
export const memory: Suite = {
  title: 'Memory: peak RSS of the whole process tree of swath classify, against the size of its file',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    if (!canSample()) {
      note('NOT MEASURED: this system does not tell, under /proc, what a process and its children take.');
      return [];
    }
    const { bavail, bsize } = await statfs(folder);
    const wanted = isQuick ? SIZES.slice(0, 2) : SIZES;
    const sizes = wanted.filter((megabytes) => megabytes * MB * ROOM < bavail * bsize);
    for (const megabytes of wanted.filter((one) => !sizes.includes(one)))
      note(
        `NOT MEASURED: a file of ${megabytes} MB takes ${(megabytes * ROOM) / 1000} GB on the disk, and ${((bavail * bsize) / 1e9).toFixed(1)} GB are free.`,
      );
    const rounds = isQuick ? 1 : 3;
    const data = join(folder, 'data');
    const found = new Map(sizes.map((megabytes) => [megabytes, [] as number[]]));
    let samples = 0;
    tell('a first file, for which the model is published');
    await classify(4, 0);
    for (let round = 1; round <= rounds; round += 1)
      for (const megabytes of sizes) {
        tell(`${megabytes} MB, round ${round} of ${rounds}`);
        const seen = await classify(megabytes, round);
        found.get(megabytes)!.push(seen.most / MB);
        samples += seen.samples;
      }
    note(
      `The tree's processes are looked at together every ${SAMPLE_MILLISECONDS} ms, ${samples.toLocaleString('en-US')} times in all; the program's own pages, which they share, count once. The model lies in the data folder already. Files are generated: real records, repeated in an order of their own.`,
    );
    const ofForty = found.get(40) ?? [];
    const figures = sizes.map((megabytes) =>
      measured({
        ...{ name: `a file of ${sizeText(megabytes)}`, unit: 'MB' },
        values: found.get(megabytes)!,
        goal: megabytes === 4000 ? { of: 'value', atMost: 350 } : undefined,
      }),
    );
    const largest = sizes.at(-1)!;
    if (largest === 40 || ofForty.length === 0) return figures;
    const flat = measured({
      ...{ name: `${sizeText(largest)} against 40 MB`, unit: '×' },
      values: found.get(largest)!.map((most, round) => most / ofForty[round]!),
      goal: { of: 'value', atMost: 1.1 },
    });
    return [...figures, flat];

    async function classify(megabytes: number, round: number) {
      mkdirSync(data, { recursive: true });
      const file = join(folder, 'scene');
      writeSceneFile(file, Math.round((megabytes * MB) / FRAME_BYTES), round * 100 + megabytes);
      const child = spawn(SWATH, ['classify', '--json', '--data-dir', data, file], {
        env: { ...process.env, PATH },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const end = watchMemory(child.pid!);
      const said = await text(child.stdout);
      const seen = end();
      for (const path of [file, join(data, 'inbox'), join(data, 'results', 'prepared')])
        rmSync(path, { recursive: true, force: true });
      if (!said.includes('"DONE"')) throw new Error(`swath classify of ${megabytes} MB said ${said || 'nothing'}`);
      return seen;
    }
  },
};

function sizeText(megabytes: number): string {
  return megabytes < 1000 ? `${megabytes} MB` : `${megabytes / 1000} GB`;
}
