import { hash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Interrupted } from '../core/errors.ts';
import type { CountedRun } from '../core/ledger/ledgerItem.ts';
import { STATES } from '../core/ledger/ledgerRow.ts';
import type { ModelRef } from '../core/messages.ts';
import { makeModels } from '../core/models/models.ts';
import { modelId } from '../core/run.ts';
import { sentTo } from '../core/sentKey.ts';
import { readParameters } from '../deployment/defaults.ts';
import { readFromFolder } from '../local/folderBucket.ts';
import { isSceneKey } from '../local/inboxKey.ts';
import { ownModel } from '../local/ownModel.ts';
import { millisecondsUntilNext } from '../local/schedule.ts';
import type { OwnStack } from '../local/stack.ts';
import { arrivalOf, dateOf, fifteenDays, firstDayBefore, type PlannedDay, SEED } from '../replay/plan.ts';
import { type ReplayRecord, readRecord, writeRecord } from '../replay/record.ts';
import { buildSceneFile } from '../replay/sceneFile.ts';
import { followAlarms } from './alarmChanges.ts';
import { bundledModel, FIRST_BUNDLED, SAMPLES, SHARD } from './bundled.ts';
import { alarmNote, makeDayTable, runNote } from './dayTable.ts';
import { showProgress } from './progress.ts';
import { type Line, summaryTable } from './report.ts';
import { runScene } from './scene.ts';
import { readShard, unwatchedText } from './shard.ts';

/** The bundled scenes arrive on the first day, before its other files. */
const FIRST_HOUR_MILLISECONDS = 6 * 3_600_000;

/** What a stack shows by itself: the scenes of a bundled model, and of the first one fifteen days that go by in seconds on its own clock. */
export type Demonstration = {
  /** Why there is nothing to show, in a sentence; undefined where there is. */
  obstacle: string | undefined;
  /** When it begins on the stack's clock, if there is something to show. */
  begins: Date | undefined;
  /** Shows what is not shown yet; each day that is done stays so. */
  run: (model: ModelRef) => Promise<void>;
  /** To be called when the stack is being stopped: answers in a sentence where the next start goes on, if it does. */
  interrupt: () => string | undefined;
};

/** Shows a live line of what is going on. */
type Live = typeof showProgress;

/**
 * Looks whether the stack's folder has a demonstration to come. It is for a new folder, or for one where it was
 * interrupted.
 */
export async function prepareDemonstration(stack: OwnStack): Promise<Demonstration> {
  const { folder, clock } = stack;
  let record = readRecord(folder.replay);
  const obstacle = await whyNot(stack, record);
  let endLine = () => {};
  let isInterrupted = false;
  /** Before time goes on: what a stop has cut short is done anew by the next start, at the time that it was. */
  const goOn = () => {
    if (isInterrupted) throw new Interrupted('The demonstration was stopped.');
  };
  const live: Live = (describe) => {
    const line = showProgress(describe);
    endLine = line;
    return line;
  };

  const before = record ?? { seed: SEED, firstDay: firstDayBefore(clock.now()), daysDone: 0 };
  const begins = new Date(Date.parse(before.firstDay) + FIRST_HOUR_MILLISECONDS);

  /** The fifteen days are drawn from the first model's sample; of the others, their samples are all there is to show. */
  const hasDays = ownModel(folder.models) === FIRST_BUNDLED.name;

  async function run(model: ModelRef): Promise<void> {
    if (!hasDays) return console.log(`${summaryTable(await classifySamples(stack, model, live))}\n`);
    writeRecord(folder.replay, before);
    record = before;
    try {
      if (before.daysDone === 0) {
        clock.set(begins);
        console.log(`${summaryTable(await classifySamples(stack, model, live))}\n`);
      }
      await replayDays(stack, model, before, { live, goOn }, (daysDone) => {
        record = { ...before, daysDone };
        writeRecord(folder.replay, record);
      });
    } finally {
      clock.reset();
    }
  }

  return {
    obstacle,
    begins: obstacle === undefined && hasDays ? begins : undefined,
    run,
    interrupt: () => {
      isInterrupted = true;
      endLine();
      return record === undefined || record.daysDone === fifteenDays.length
        ? undefined
        : `The next start goes on with day ${record.daysDone + 1} of ${fifteenDays.length}.`;
    },
  };
}

/**
 * Files of one's own and those of the demonstration are kept apart: both would count for the same windows. The bundled
 * scenes, which somebody may have tried before, are nobody's own.
 */
async function whyNot({ ledger, folder }: OwnStack, record: ReplayRecord | undefined): Promise<string | undefined> {
  if (record?.daysDone === fifteenDays.length) {
    const [first, last] = [fifteenDays[0]!, fifteenDays.at(-1)!].map((day) => dateOf(record.firstDay, day));
    return `The fifteen days, ${first} to ${last}, were replayed into this folder before.`;
  }
  const own = ownModel(folder.models);
  const samples = bundledModel(own)?.samples;
  if (samples === undefined)
    return `This folder classifies with ${own}, and the demonstration is of models that come with Swath. To see it: npm start -- --data-dir demonstration`;
  if (record !== undefined) return undefined;
  const bundled = new Set(samples.map((file) => hash('sha256', readFileSync(file))));
  const limit = 1 + bundled.size;
  const newest = await Promise.all(STATES.map((state) => ledger.byState(state, { limit })));
  const hasRuns = newest.some(({ rows }) => rows.some(({ scene }) => !bundled.has(scene.versionId)));
  const folders = [...bundled].map((sha256) => sentTo(sha256));
  if (!hasRuns && !readdirSync(folder.inbox).some((name) => isSceneKey(name) && !folders.includes(name)))
    return undefined;
  return 'This folder has files of its own, so the demonstration is not replayed into it. To see it: npm start -- --data-dir demonstration';
}

async function classifySamples(stack: OwnStack, model: ModelRef, live: Live): Promise<Line[]> {
  const files = bundledModel(model.name)?.samples ?? [];
  const lines: Line[] = [];
  for (const [i, file] of files.entries()) {
    using _line = live(() => `scene ${i + 1} of ${files.length}: ${basename(file)}`);
    lines.push({ file: relative(SAMPLES, file), ...(await runScene(stack, await stack.send(file), model)) });
  }
  return lines;
}

/** Lets the days go by that are not done yet; a line tells of each as it closes. */
async function replayDays(
  stack: OwnStack,
  model: ModelRef,
  { seed, firstDay, daysDone }: ReplayRecord,
  { live, goOn }: { live: Live; goOn: () => void },
  onDone: (daysDone: number) => void,
): Promise<void> {
  const { clock, ledger } = stack;
  const parameters = readParameters();
  const modelPackage = await makeModels(readFromFolder(stack.folder.models), model.name).load(model);
  const sample = await readShard(modelPackage);
  const table = makeDayTable(modelPackage, {
    threshold: Number(parameters['driftThreshold']),
    minimum: Number(parameters['driftMinimum']),
  });
  const lookAtAlarms = await followAlarms(stack);
  const draft = join(stack.folder.path, 'replay.tfrecord'); // one that a Ctrl-C leaves behind is written over

  console.log(
    `Fifteen days go by on the stack's own clock. Their chips are drawn with replacement from ${SHARD}, seed ${seed}.\n`,
  );
  if (modelPackage.profile === undefined) console.log(`${unwatchedText(modelPackage)}\n`);
  console.log(table.head);
  for (const day of fifteenDays.slice(daysDone)) {
    console.log((await closed(day)).join('\n'));
    onDone(day.number);
  }
  rmSync(draft, { force: true });

  /** Lets a day go by and the sweep after it; answers its line, and a line of each thing that is worth one. */
  async function closed(day: PlannedDay): Promise<string[]> {
    const date = dateOf(firstDay, day);
    const notes: string[] = [];
    const time = () => clock.now().toISOString().slice(11, 16);
    const note = (text: string) => notes.push(table.note(time(), text));
    const noteAlarms = async () => {
      for (const change of await lookAtAlarms()) note(alarmNote(change));
    };
    let doing = 'its first file';
    using _line = live(() => `day ${day.number} of ${fifteenDays.length}, ${date} ${time()}: ${doing}`);
    for (const [i, scene] of day.scenes.entries()) {
      doing = `file ${i + 1} of ${day.scenes.length}`;
      const { key, bytes } = buildSceneFile(sample, seed, day, scene);
      goOn();
      clock.set(arrivalOf(firstDay, day, scene));
      writeFileSync(draft, bytes);
      const ref = await stack.put(draft, key);
      await stack.deliver(ref);
      for (const row of await ledger.ofScene(ref)) {
        const text = runNote(row);
        if (text !== undefined) note(text);
      }
      await noteAlarms();
    }
    doing = 'the sweep that closes it';
    goOn();
    clock.set(sweepAfter(date));
    await stack.sweep();
    goOn();
    await noteAlarms();
    return [table.line({ name: date, runs: await countedRuns(date) }), ...notes];
  }

  async function countedRuns(date: string): Promise<CountedRun[]> {
    const runs: CountedRun[] = [];
    for await (const run of ledger.ofDay(date)) if (modelId(run.model) === modelId(model)) runs.push(run);
    return runs;
  }

  /** When the schedule is due that closes a day: soon after the next one has begun, and not later than it really is. */
  function sweepAfter(date: string): Date {
    const end = new Date(Date.parse(date) + 86_400_000);
    const due = end.getTime() + millisecondsUntilNext(String(parameters['sweepSchedule']), end);
    return new Date(Math.min(due, Date.now()));
  }
}
