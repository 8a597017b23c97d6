import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { classify } from '../classify.ts';
import { measured } from '../figure.ts';
import { canSample, SAMPLE_MILLISECONDS } from '../processTree.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import type { Suite } from '../suite.ts';
import { FRAME_BYTES } from '../unavoidable.ts';

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
    const file = join(folder, 'scene');
    const classified = (megabytes: number, round: number) => {
      writeSceneFile(file, Math.round((megabytes * MB) / FRAME_BYTES), round * 100 + megabytes);
      return classify(file, join(folder, 'data'));
    };
    const found = new Map(sizes.map((megabytes) => [megabytes, [] as number[]]));
    let samples = 0;
    tell('a first file, for which the model is published');
    await classified(4, 0);
    for (let round = 1; round <= rounds; round += 1)
      for (const megabytes of sizes) {
        tell(`${megabytes} MB, round ${round} of ${rounds}`);
        const seen = await classified(megabytes, round);
        found.get(megabytes)!.push(seen.most / MB);
        samples += seen.samples;
      }
    note(
      `The tree's processes are looked at together every ${SAMPLE_MILLISECONDS} ms, ${samples.toLocaleString('en-US')} times in all; the program's own pages, which they share, count once. The model lies in the data folder already. Files are generated: real records, repeated in an order of their own.`,
    );
    const ofForty = found.get(40) ?? [];
    const figures = sizes.map((megabytes) =>
      measured(`a file of ${sizeText(megabytes)}`, 'MB', found.get(megabytes)!, {
        goal: megabytes === 4000 ? { of: 'value', atMost: 350 } : undefined,
      }),
    );
    const largest = sizes.at(-1)!;
    if (largest === 40 || ofForty.length === 0) return figures;
    const ratios = found.get(largest)!.map((most, round) => most / ofForty[round]!);
    const flat = measured(`${sizeText(largest)} against 40 MB`, '×', ratios, { goal: { of: 'value', atMost: 1.1 } });
    return [...figures, flat];
  },
};

function sizeText(megabytes: number): string {
  return megabytes < 1000 ? `${megabytes} MB` : `${megabytes / 1000} GB`;
}
