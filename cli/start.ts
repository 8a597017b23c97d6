import { relative } from 'node:path';
import { type Console, startConsole } from '../console/server.ts';
import { type ModelRef, sceneEventSchema } from '../core/messages.ts';
import { embeddedService } from '../local/embeddedService.ts';
import { coresToUse, type OwnStack, startStack } from '../local/stack.ts';
import { STILL_MILLISECONDS } from '../local/still.ts';
import { followAlarms } from './alarmChanges.ts';
import { alarmNote } from './dayTable.ts';
import { type Demonstration, prepareDemonstration } from './demonstration.ts';
import { sentenceOf } from './failure.ts';
import { promotedModel } from './model.ts';
import { summaryTable } from './report.ts';
import { bold, dim, pairs, printable } from './text.ts';
import { commandFor } from './where.ts';

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
  });
  let served: Console | undefined;
  const close = async () => {
    await served?.close();
    await stack.close();
  };
  let demonstration: Demonstration | undefined;
  const stopping = stopWith(close, () => {
    announce = undefined;
    return demonstration?.interrupt();
  });
  try {
    if (!empty) demonstration = await prepareDemonstration(stack);
    const model = await promotedModel(stack.folder, demonstration?.begins ?? stack.now());
    served = await startConsole({
      service: embeddedService(stack),
      onTrouble: (error) => console.error(`swath: console: ${printable(sentenceOf(error))}`),
      ...(port !== undefined && { port }),
    });
    console.log(`${bold('Swath')} is up at ${bold(served.url)}, with everything in ${shown(stack.folder.path)}.`);
    console.log(`The promoted model is ${printable(`${model.name} ${model.version}`)}.\n`);
    if (demonstration !== undefined) await show(demonstration, model);
    await stack.startIntake();
    console.log(whereToLook(stack, served.url, dataDir));
  } catch (error) {
    if (stopping.aborted) return; // what was on its way was cut off on purpose
    await close();
    throw error;
  }
  announce = (input) => void announceRun(stack, input);
  await announceAlarms(stack);
}

async function show(demonstration: Demonstration, model: ModelRef): Promise<void> {
  if (demonstration.obstacle !== undefined) return console.log(`${demonstration.obstacle}\n`);
  const started = performance.now();
  await demonstration.run(model);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\nThat took ${seconds} s. From now on the stack's clock is the machine's.\n`);
}

function whereToLook({ folder }: OwnStack, console: string, dataDir: string): string {
  const places: [string, string][] = [
    ['console', `${bold(console)}: what you see here, and more`],
    [
      'inbox',
      `${bold(shown(folder.inbox))}: drop scene files there; each is taken once it stood still for ${STILL_MILLISECONDS / 1000} s`,
    ],
    ['outbox', `${shown(folder.outbox)}: the alarms' e-mails`],
    ['reports', `${shown(folder.results)}/reports: one for each closed day`],
  ];
  return `${pairs(places)}\n${dim(`In another terminal: ${commandFor({ dataDir }, 'runs')}. Ctrl-C stops.`)}`;
}

const LOOK_AT_ALARMS_MILLISECONDS = 1000;

/** Says what alarms go off and are over, from now on. */
async function announceAlarms(stack: OwnStack): Promise<void> {
  const look = await followAlarms(stack);
  const tell = async () => {
    for (const change of await look()) console.log(`\n${alarmNote(change)}`);
  };
  // Nothing waits for it, and a stack that is being closed has no answer.
  setInterval(() => void tell().catch(() => {}), LOOK_AT_ALARMS_MILLISECONDS).unref();
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
function stopWith(close: () => Promise<void>, onStop: () => string | undefined): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    const rest = onStop();
    console.error('\nStopping: the batch in progress is finished first.');
    void close().then(() => {
      if (rest !== undefined) console.error(rest);
      process.exit(0);
    });
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return stopping.signal;
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return printable(short.startsWith('..') ? path : `./${short}`);
}
