import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import { type Figure, measured } from '../figure.ts';
import type { Answer, Question } from '../processes/requests.ts';
import { interleaved } from '../rounds.ts';
import type { Suite } from '../suite.ts';

/** What it costs to send each image by a request of its own, and to be answered, against all of them in one file. */
export const requests: Suite = {
  title: 'Requests of one image each, against one file, on the embedded stack, warm',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    const figures: Figure[] = [];
    for (const { images, rounds } of isQuick ? [{ images: 100, rounds: 2 }] : WHOLE) {
      const data = join(folder, `data-${images}`);
      mkdirSync(data);
      const stack = await startChild<Question, Answer>('requests', { args: [data] });
      let seed = 0;
      const of = (by: Question['by']) => async (round: number) => {
        seed += 1;
        const taken = await stack.ask({ by, images: round === 0 ? Math.min(images, 100) : images, seed });
        return taken.cpuMilliseconds / taken.chips;
      };
      const { answered, silent, file } = await interleaved(
        rounds,
        { answered: of('answered'), silent: of('silent'), file: of('file') },
        (round) => tell(`${images} requests, round ${round} of ${rounds}`),
      );
      await stack.stop();
      const figure = (name: string, values: number[]) =>
        measured(name, 'ms', values, { beside: { 'in one file': file }, goal: { of: 'ratio', atMost: 2 } });
      const count = images.toLocaleString('en-US');
      figures.push(figure(`${count} requests, each with its answer; of one`, answered));
      figures.push(figure(`${count} requests without one; of one`, silent));
    }
    note(
      'Milliseconds of processor time of the stack and all its workers, from the first message to the last answer. An image is a chip of the sample as a GeoTIFF of 46 KB, as base64 in its request; the file is a tar of the same images. Each round counts that each request has one answer, without an error.',
    );
    return figures;
  },
};

const WHOLE = [
  { images: 1000, rounds: 3 },
  { images: 10_000, rounds: 1 },
];
