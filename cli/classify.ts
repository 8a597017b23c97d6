import type { ModelRef } from '../core/messages.ts';
import { connectStack } from '../local/connect.ts';
import { folderBucket } from '../local/folderBucket.ts';
import { coresToUse, type Stack } from '../local/stack.ts';
import { eachFile, inTurn, makeSummary, neverStarted } from './files.ts';
import { promotedModel } from './model.ts';
import { publishModel } from './publishModel.ts';
import { type Ended, runScene } from './scene.ts';

type Options = { model?: string; json?: boolean; dataDir: string };

/** So many files are on their way at once. */
const IN_FLIGHT = 4;

/** `swath classify FILE…`: one shot through the same state machine as everything else. */
export async function classify(files: string[], { model: asked, json, dataDir }: Options): Promise<void> {
  const summary = makeSummary(json === true);
  const send = inTurn((stack: Stack, file: string) => stack.send(file));
  await eachFile<Stack, Ended>(files, {
    open: () => connectStack({ dataDir, command: 'swath classify', cores: coresToUse() }),
    begin: async ({ folder }) =>
      asked === undefined
        ? promotedModel(folder, new Date())
        : refOf(await publishModel(folderBucket(folder.models), asked)),
    // One after the other, so that of two equal files the first one named is the one that counts.
    work: async (stack, file, model) => runScene(stack, await send(stack, file), model),
    failed: neverStarted,
    tell: (file, ended, { folder }) => summary.tell({ file, ...ended }, folder.results),
    end: summary.end,
    atOnce: IN_FLIGHT,
    describe: (done) => `classifying: ${done} of ${files.length} files done`,
    interrupted: 'interrupted. Run the same command again for the files that are not done.',
  });
}

function refOf({ name, version }: ModelRef): ModelRef {
  return { name, version };
}
