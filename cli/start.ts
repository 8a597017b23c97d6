import { relative } from 'node:path';
import { sceneEventSchema } from '../functions/shared/messages.ts';
import { coresToUse, type OwnStack, startStack } from '../local/stack.ts';
import { STILL_MILLISECONDS } from '../local/still.ts';
import { type Demonstration, prepareDemonstration } from './demonstration.ts';
import { promotedModel } from './model.ts';
import { summaryTable } from './report.ts';
import { bold, dim, pairs, printable } from './text.ts';

type Options = { port?: number; dataDir: string; empty?: boolean };

/** `swath start`: the embedded stack, a demonstration on a new folder, and then whatever is dropped into the inbox. */
export async function start({ port, dataDir, empty = false }: Options): Promise<void> {
  let announce: ((input: unknown) => void) | undefined;
  const stack = await startStack({
    dataDir,
    command: 'swath start',
    cores: coresToUse(),
    onEnd: (input) => announce?.(input),
    onTrouble: (key, error) => console.error(`swath: ${printable(key)}: ${printable(error.message)}`),
    ...(port !== undefined && { port }),
  });
  let demonstration: Demonstration | undefined;
  const stopping = stopWith(stack, () => {
    announce = undefined;
    return demonstration?.rest();
  });
  try {
    const model = await promotedModel(stack.folder);
    console.log(
      `${bold('Swath')} is up, with everything in ${shown(stack.folder.path)} and its port at 127.0.0.1:${stack.port}.`,
    );
    console.log(`The promoted model is ${model.name} ${model.version}.\n`);
    if (!empty) {
      demonstration = await prepareDemonstration(stack, model);
      await show(demonstration);
    }
    await stack.startIntake();
    console.log(whereToLook(stack));
  } catch (error) {
    if (stopping.aborted) return; // what was on its way was cut off on purpose
    await stack.close();
    throw error;
  }
  announce = (input) => void announceRun(stack, input);
}

async function show(demonstration: Demonstration): Promise<void> {
  if (demonstration.obstacle !== undefined) return console.log(`${demonstration.obstacle}\n`);
  const started = performance.now();
  await demonstration.run();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\nThat took ${seconds} s. From now on the stack's clock is the machine's.\n`);
}

function whereToLook({ folder }: OwnStack): string {
  const places: [string, string][] = [
    [
      'inbox',
      `${bold(shown(folder.inbox))}: drop scene files there; each is taken once it stood still for ${STILL_MILLISECONDS / 1000} s`,
    ],
    ['outbox', `${shown(folder.outbox)}: the alarms' e-mails`],
  ];
  return `${pairs(places)}\n${dim('In another terminal: npx swath runs. Ctrl-C stops.')}`;
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

/**
 * Ctrl-C: intake stops, the batch in progress ends, workers and tables are closed. What `onStop` answers is said at the
 * end. The signal that is answered tells that it has come to this.
 */
function stopWith(stack: OwnStack, onStop: () => string | undefined): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    const rest = onStop();
    console.error('\nStopping: the batch in progress is finished first.');
    void stack.close().then(() => {
      if (rest !== undefined) console.error(rest);
      process.exit(0);
    });
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return stopping.signal;
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : `./${short}`;
}
