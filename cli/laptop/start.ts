import { join } from 'node:path';
import { makeReadUrl } from '../../aws/readUrl.ts';
import { type Console, startConsole } from '../../console/server.ts';
import { sceneEventSchema } from '../../core/base/messages.ts';
import type { MlflowOrigin } from '../../core/releases/origins/origin.ts';
import { STILL_MILLISECONDS } from '../../local/buckets/still.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import { coresToUse, type OwnStack, startStack } from '../../local/stack/stack.ts';
import { portsFrom } from '../../server/listen.ts';
import { checkSameMachine } from '../../server/loopback.ts';
import { type PredictionServer, startPredictionServer } from '../../server/predictionServer.ts';
import { checkForNewFolder, promotedModel, serveModel } from '../models/model.ts';
import { tryModel } from '../models/tryModel.ts';
import { lookAt } from '../models/watchModel.ts';
import type { RetrainPorts } from '../retrain/retrain.ts';
import { alarmNote } from '../runs/dayTable.ts';
import { summaryTable } from '../runs/report.ts';
import { newestOf } from '../service/follow.ts';
import { serviceModels } from '../service/serviceModels.ts';
import { commandFor, pathFromHere } from '../service/where.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { aboveProgress, bold, dim, pairs, printable, sentenceOf } from '../terminal/output.ts';
import { batchLine } from './batchLine.ts';
import { type Demonstration, prepareDemonstration } from './demonstration.ts';

type Options = {
  port?: number;
  dataDir: string;
  empty?: boolean;
  model?: string;
  alarmWebhook?: URL;
  modelWatch?: MlflowOrigin;
  retrain?: string;
  arrivalsWindow?: number;
};

/** `swath start`: runs the embedded stack: the demonstration on a new folder, and then what is dropped into the inbox. */
export async function start(options: Options): Promise<void> {
  const { port, dataDir, empty = false, model: asked, alarmWebhook, modelWatch, retrain, arrivalsWindow = 0 } = options;
  if (asked !== undefined) await checkForNewFolder(dataDir, asked);
  let isTelling = true;
  let demonstration: Demonstration | undefined;
  const stack = await startStack({
    dataDir,
    command: 'swath start',
    cores: coresToUse(),
    ...(alarmWebhook !== undefined && { alarmWebhook }),
    watchRegistry: async (tell) => {
      const service = embeddedService(stack);
      if (modelWatch !== undefined) await lookAt(modelWatch, { ...service, ...service.parameters, tell }, { dataDir });
      if (retrain === undefined) return;
      const { retrainOnce, BY_DEFAULT } = await import('../retrain/retrain.ts');
      const work = join(stack.folder.path, 'retraining');
      const within: RetrainPorts['within'] = (use) => use(embeddedService(stack));
      const { outcome, said } = await retrainOnce({ ...BY_DEFAULT, command: [retrain], work, within, tell });
      console.log(`\n${bold('retraining')}  ${outcome}: ${printable(said)}`);
    },
    ...(arrivalsWindow > 0 && { parameters: { arrivalsWindowSeconds: arrivalsWindow } }),
    ...(asked !== undefined && { prepare: (folder) => serveModel(folder, asked) }),
    onEnd: (input) => void (isTelling && announceRun(stack, input, demonstration)),
    onPassedOver: (name, as) => console.log(`${printable(name)} is not a scene file (${as}): skipped.`),
    onBatch: (batch, result) => isTelling && console.log(batchLine(batch, result)),
    onError: (key, error) => console.error(`swath: ${printable(key)}: ${printable(error.message)}`),
  });
  let served: Console | undefined;
  let predictions: PredictionServer | undefined;
  const close = async () => {
    await Promise.all([served?.close(), predictions?.close(1)]);
    await stack.close();
  };
  // Stops intake, finishes the batch in progress, closes workers and tables.
  const { stopped } = stopOnInterrupt(() => {
    isTelling = false;
    const rest = demonstration?.interrupt();
    console.error('\nStopping: the batch in progress is finished first.');
    void close().then(() => {
      if (rest !== undefined) console.error(rest);
      process.exit(0);
    });
  });
  try {
    if (!empty) demonstration = await prepareDemonstration(stack);
    const model = await promotedModel(stack.folder, demonstration?.begins ?? stack.now());
    const service = embeddedService(stack);
    predictions = await startPredictionServer({
      ...serviceModels(service),
      host: '127.0.0.1',
      ports: portsFrom(4780),
      check: checkSameMachine,
      isLazy: true,
      threads: 1,
      maxBatch: 32,
      readUrl: makeReadUrl({ hosts: [] }),
      onError: (error) => console.error(`swath: predictions: ${printable(sentenceOf(error))}`),
    });
    served = await startConsole({
      service: { ...service, tryOut: predictions.tryOut },
      tryModel,
      onError: (error) => console.error(`swath: console: ${printable(sentenceOf(error))}`),
      ...(port !== undefined && { port }),
    });
    stack.consoleIsAt(served.url);
    console.log(`${bold('Swath')} is up at ${bold(served.url)}, with everything in ${shown(stack.folder.path)}.`);
    console.log(`The promoted model is ${printable(`${model.name} ${model.version}`)}.\n`);
    if (demonstration?.obstacle !== undefined) console.log(`${demonstration.obstacle}\n`);
    else if (demonstration !== undefined) {
      const started = performance.now();
      await demonstration.run(model);
      const clock = demonstration.begins === undefined ? '' : " From now on the stack's clock is the machine's.";
      console.log(`\nThat took ${Math.round((performance.now() - started) / 1000)} s.${clock}\n`);
    }
    demonstration = undefined;
    await stack.startIntake();
    console.log(whereToLook(stack, { console: served.url, predictions: predictions.url }, dataDir));
  } catch (error) {
    if (stopped.aborted) return; // the work was interrupted on purpose
    await close();
    throw error;
  }
  stack.tellOfAlarms((change) => console.log(`\n${alarmNote(change)}`));
}

function whereToLook({ folder }: OwnStack, urls: { console: string; predictions: string }, dataDir: string): string {
  const places: [string, string][] = [
    ['console', `${bold(urls.console)}: what you see here, and more`],
    ['predictions', `${bold(`${urls.predictions}/docs`)}: by HTTP, for what cannot wait for a file`],
    [
      'inbox',
      `${bold(shown(folder.inbox))}: drop scene files there; each is taken once it has not changed for ${STILL_MILLISECONDS / 1000} s`,
    ],
    ['outbox', `${shown(folder.outbox)}: the alarms' e-mails`],
    ['reports', `${shown(folder.results)}/reports: one for each closed day`],
  ];
  return `${pairs(places)}\n${dim(`In another terminal: ${commandFor({ dataDir }, 'runs')}. Ctrl-C stops.`)}`;
}

/** Shows a run that has ended. The demonstration, while it runs, shows those of its own files itself, in a table. */
async function announceRun(stack: OwnStack, input: unknown, running: Demonstration | undefined): Promise<void> {
  const event = sceneEventSchema.safeParse(input);
  if (!event.success) return; // the sweep
  const { scene } = event.data;
  if (running?.isOwn(scene.key) === true) return;
  const row = newestOf(await stack.ledger.ofScene(scene));
  if (row === undefined) return;
  aboveProgress(() => console.log(`\n${summaryTable([{ row }])}${running === undefined ? '' : '\n'}`));
}

function shown(path: string): string {
  const short = pathFromHere(path);
  return printable(short === path ? path : `./${short}`);
}
