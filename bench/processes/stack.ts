import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promotedModel } from '../../cli/models/model.ts';
import { runScene } from '../../cli/send/scene.ts';
import { forEach } from '../../core/base/concurrency/forEach.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { startStack } from '../../local/stack/stack.ts';
import { answerQuestions } from '../child.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import { startTaking, type Taken } from '../taken.ts';

/** The embedded stack in a process of its own, which has files go through it and tells how long they took. */

const [dataDir = '', cores = '1'] = process.argv.slice(2);

/** `seed` makes the files' bytes their own: a duplicate would not be classified. */
export type Question =
  | { prepare: { files: number; chips: number; seed: number } }
  /** What was prepared goes through, at most so many at once. */
  | { run: { atOnce: number } };
export type Answer = Taken;

const stack = await startStack({ dataDir, command: 'npm run bench', cores: Number(cores) });
const model = await promotedModel(stack.folder, stack.now());
let prepared: SceneRef[] = [];

answerQuestions<Question, Answer | null>(
  async (question) => {
    if ('run' in question) return run(question.run.atOnce);
    await prepare(question.prepare);
    return null;
  },
  () => stack.close(),
);

async function prepare({ files, chips, seed }: { files: number; chips: number; seed: number }): Promise<void> {
  for (const name of ['prepared', 'predictions'])
    rmSync(join(stack.folder.results, name), { recursive: true, force: true });
  for (const { key } of prepared) rmSync(join(stack.folder.inbox, key), { force: true });
  prepared = [];
  for (let file = 0; file < files; file += 1) {
    const path = join(dataDir, 'scene');
    writeSceneFile(path, chips, seed * 100_003 + file);
    prepared.push(await stack.put(path, `${seed}-${file}`));
    rmSync(path);
  }
}

async function run(most: number): Promise<Answer> {
  let chips = 0;
  const take = startTaking();
  await forEach(prepared, most, async (scene) => {
    const { row } = await runScene(stack, scene, model);
    if (row.state !== 'DONE') throw new Error(`${scene.key} ended ${row.state}: ${row.error?.message}`);
    chips += (row.chips ?? 0) - (row.blank ?? 0);
  });
  return take(chips);
}
