import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ModelRef, sceneEventSchema } from '../functions/shared/messages.ts';
import { coresToUse, type OwnStack, startStack } from '../local/stack.ts';
import { STILL_MILLISECONDS } from '../local/still.ts';
import { promotedModel } from './model.ts';
import { showProgress } from './progress.ts';
import { type Line, summaryTable } from './report.ts';
import { runScene } from './scene.ts';
import { bold, dim, printable } from './text.ts';

type Options = { port?: number; dataDir: string };

const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));

/** `swath start`: the embedded stack, the bundled scenes, and then whatever is dropped into the inbox. */
export async function start({ port, dataDir }: Options): Promise<void> {
  let announce: ((input: unknown) => void) | undefined;
  const stack = await startStack({
    dataDir,
    command: 'swath start',
    cores: coresToUse(),
    onEnd: (input) => announce?.(input),
    onTrouble: (key, error) => console.error(`swath: ${printable(key)}: ${printable(error.message)}`),
    ...(port !== undefined && { port }),
  });
  stopWith(stack, () => {
    announce = undefined;
  });
  try {
    await classifyAndWatch(stack);
  } catch (error) {
    await stack.close();
    throw error;
  }
  announce = (input) => void announceRun(stack, input);
}

async function classifyAndWatch(stack: OwnStack): Promise<void> {
  const model = await promotedModel(stack.folder);
  console.log(
    `${bold('Swath')} is up, with everything in ${shown(stack.folder.path)} and its port at 127.0.0.1:${stack.port}.`,
  );
  console.log(`The promoted model is ${model.name} ${model.version}. Classifying the bundled scenes:\n`);
  console.log(`${summaryTable(await classifySamples(stack, model))}\n`);

  await stack.startIntake();
  console.log(
    `Drop scene files into ${bold(shown(stack.folder.inbox))}; each is taken once it stood still for ${STILL_MILLISECONDS / 1000} s.`,
  );
  console.log(dim('In another terminal: npx swath runs. Ctrl-C stops.'));
}

async function classifySamples(stack: OwnStack, model: ModelRef): Promise<Line[]> {
  const files = readdirSync(SAMPLES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const lines: Line[] = [];
  for (const [i, file] of files.entries()) {
    const endProgress = showProgress(() => `scene ${i + 1} of ${files.length}: ${basename(file)}`);
    try {
      lines.push({ file: relative(SAMPLES, file), ...(await runScene(stack, await stack.send(file), model)) });
    } finally {
      endProgress();
    }
  }
  return lines;
}

/** Says how the run of a scene that came by itself has ended. */
async function announceRun(stack: OwnStack, input: unknown): Promise<void> {
  const event = sceneEventSchema.safeParse(input);
  if (!event.success) return; // the sweep
  const { scene } = event.data;
  const rows = await stack.ledger.ofScene(scene);
  const row = rows.sort((a, b) => a.changed.localeCompare(b.changed)).at(-1);
  if (row !== undefined) console.log(`\n${summaryTable([{ file: scene.key, row }])}`);
}

/** Ctrl-C: intake stops, the batch in progress ends, workers and tables are closed. */
function stopWith(stack: OwnStack, onStop: () => void): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    onStop();
    console.error('\nStopping: the batch in progress is finished first.');
    void stack.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : `./${short}`;
}
