import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { promotedModel } from '../../cli/models/model.ts';
import { runScene } from '../../cli/send/scene.ts';
import type { Answer as Answered } from '../../core/doors/requests/answer.ts';
import { queueUrl } from '../../local/queues/requestsQueue.ts';
import { startStack } from '../../local/stack/stack.ts';
import { encodeTar } from '../../test/archives.ts';
import { takeMessages } from '../../test/queueFolder.ts';
import { answerQuestions } from '../child.ts';
import { chipImages } from '../chipImages.ts';
import { startTaking, type Taken } from '../taken.ts';

/** The embedded stack in a process of its own, which has images go through it: each by a request of its own, or all in one file. */

const [dataDir = ''] = process.argv.slice(2);

/** `seed` makes what is sent its own: what was there before would not be classified. */
export type Question = { by: 'answered' | 'silent' | 'file'; images: number; seed: number };
export type Answer = Taken;

const ANSWERS = 'swath-answers';
const LOOK_MILLISECONDS = 500;
/** So many are sent before others have their turn. */
const AT_A_TIME = 10;

const stack = await startStack({ dataDir, command: 'npm run bench' });
const model = await promotedModel(stack.folder, stack.now());
const every = chipImages();

answerQuestions<Question, Answer>(
  ({ by, images, seed }) => {
    const some = Array.from({ length: images }, (_, i) => every[i % every.length]!);
    return by === 'file' ? inOneFile(some, seed) : byRequests(some, seed, by === 'answered');
  },
  () => stack.close(),
);

async function inOneFile(images: readonly Uint8Array[], seed: number): Promise<Answer> {
  const path = join(dataDir, 'images.tar');
  writeFileSync(path, encodeTar(images.map((bytes, i) => ({ name: `${seed}-${i}.tif`, bytes }))));
  const take = startTaking();
  const { row } = await runScene(stack, await stack.put(path, `${seed}.tar`), model);
  const taken = take(images.length);
  rmSync(path);
  if (row.state !== 'DONE' || row.chips !== images.length) throw new Error(`${row.state}, of ${row.chips} images`);
  return taken;
}

async function byRequests(images: readonly Uint8Array[], seed: number, isAnswered: boolean): Promise<Answer> {
  const bodies = images.map((bytes, i) => {
    const inputs = [{ image: Buffer.from(bytes).toString('base64') }];
    return JSON.stringify({ id: `${seed}-${i}`, inputs, ...(isAnswered && { replyTo: queueUrl(ANSWERS) }) });
  });
  const take = startTaking();
  for (const [i, body] of bodies.entries()) {
    await stack.request(body);
    if (i % AT_A_TIME === 0) await turn();
  }
  if (isAnswered) await allAnswered(images.length);
  else while ((await stack.onTheirWay()) > 0) await pause(LOOK_MILLISECONDS);
  return take(images.length);
}

async function allAnswered(count: number): Promise<void> {
  const answered = new Set<string>();
  while (answered.size < count) {
    await pause(LOOK_MILLISECONDS);
    for (const { body } of takeMessages(stack.folder.queues, ANSWERS)) {
      const { id, errors } = JSON.parse(body) as Answered;
      if (errors > 0 || answered.has(id)) throw new Error(`an answer with an error, or twice: ${body}`);
      answered.add(id);
    }
  }
}
