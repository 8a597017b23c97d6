import { hash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Interrupted } from '../../core/base/errors.ts';
import { type ModelRef, modelId } from '../../core/base/messages.ts';
import { limitsOf } from '../../core/drift/window.ts';
import { STATES } from '../../core/ledger/states.ts';
import { makeModels } from '../../core/releases/models.ts';
import { sentTo } from '../../core/scenes/sentKey.ts';
import { readParameters } from '../../deployment/defaults.ts';
import type { AlarmChange } from '../../local/alarms/alarms.ts';
import { MINUTE_MILLISECONDS } from '../../local/alarms/metricStore.ts';
import { observedParameters } from '../../local/alarms/observing.ts';
import { readFromFolder } from '../../local/buckets/folderBucket.ts';
import { isSceneKey } from '../../local/buckets/inboxKey.ts';
import { ownModel } from '../../local/stack/ownModel.ts';
import { millisecondsUntilNext } from '../../local/stack/schedule.ts';
import type { OwnStack } from '../../local/stack/stack.ts';
import { arrivalOf, dateOf, fifteenDays, firstDayBefore, type PlannedDay, SEED } from '../../replay/plan.ts';
import { type ReplayRecord, readRecord, writeRecord } from '../../replay/record.ts';
import { buildSceneFile, readSample } from '../../replay/sceneFile.ts';
import { bundledModel, FIRST_BUNDLED, SAMPLES, SHARD } from '../models/bundled.ts';
import { alarmNote, makeDayTable, runNote } from '../runs/dayTable.ts';
import { type Line, summaryTable } from '../runs/report.ts';
import { runScene } from '../send/scene.ts';
import { endProgress, showProgress } from '../terminal/output.ts';

/** The bundled scenes arrive on the first day, before its other files. */
const FIRST_HOUR_MILLISECONDS = 6 * 3_600_000;

export type Demonstration = Awaited<ReturnType<typeof prepareDemonstration>>;

/** Prepares the demonstration of a new or interrupted folder: a model's scenes and, for the first one, fifteen fast days. */
export async function prepareDemonstration(stack: OwnStack) {
  const { folder, clock } = stack;
  let record = readRecord(folder.replay);
  const obstacle = await whyNot(stack, record);
  /** Ends the work before the clock advances: the next start repeats what was interrupted at the same time. */
  const stopping = new AbortController();
  const ownKeys = new Set<string>();

  const before = record ?? { seed: SEED, firstDay: firstDayBefore(clock.now()), daysDone: 0 };
  const begins = new Date(Date.parse(before.firstDay) + FIRST_HOUR_MILLISECONDS);

  /** Only the first model has the fifteen days, drawn from its sample; the others show their samples. */
  const hasDays = ownModel(folder.models) === FIRST_BUNDLED.name;

  /** Shows what has not been shown yet; finished days are not repeated. */
  async function run(model: ModelRef): Promise<void> {
    if (!hasDays) return console.log(`${summaryTable(await classifySamples(model))}\n`);
    writeRecord(folder.replay, before);
    record = before;
    try {
      if (before.daysDone === 0) {
        clock.set(begins);
        console.log(`${summaryTable(await classifySamples(model))}\n`);
      }
      await replayDays(model);
    } finally {
      clock.reset();
    }
  }

  return {
    /** Why there is nothing to show, in a sentence; undefined if there is. */
    obstacle,
    /** When it begins on the stack's clock, if there is something to show. */
    begins: obstacle === undefined && hasDays ? begins : undefined,
    run,
    /** Whether it has put a file into the inbox itself. */
    isOwn: (key: string) => ownKeys.has(key),
    /** Call when the stack is being stopped; returns a sentence on where the next start continues, if it does. */
    interrupt: () => {
      stopping.abort(new Interrupted('The demonstration was stopped.'));
      endProgress();
      return record === undefined || record.daysDone === fifteenDays.length
        ? undefined
        : `The next start continues with day ${record.daysDone + 1} of ${fifteenDays.length}.`;
    },
  };

  function classifySamples(model: ModelRef): Promise<Line[]> {
    const files = bundledModel(model.name)?.samples ?? [];
    return Array.fromAsync(files.entries(), async ([i, file]) => {
      using _line = showProgress(() => `scene ${i + 1} of ${files.length}: ${basename(file)}`);
      const scene = await stack.send(file);
      ownKeys.add(scene.key);
      return await runScene(stack, scene, model);
    });
  }

  async function replayDays(model: ModelRef): Promise<void> {
    const { seed, firstDay, daysDone } = before;
    const modelPackage = await makeModels(readFromFolder(folder.models), model.name).load(model);
    const sample = await readSample(SHARD, readFileSync(join(SAMPLES, SHARD)), modelPackage);
    const table = makeDayTable(modelPackage, limitsOf(observedParameters()));
    const changes: AlarmChange[] = [];
    stack.tellOfAlarms((change) => changes.push(change));
    const draft = join(folder.path, 'replay.tfrecord'); // a file that Ctrl-C left behind is overwritten

    console.log(
      `Fifteen days pass on the stack's own clock. Their chips are drawn with replacement from ${SHARD}, seed ${seed}.\n`,
    );
    console.log(table.head);
    for (const day of fifteenDays.slice(daysDone)) {
      console.log((await closed(day)).join('\n'));
      record = { ...before, daysDone: day.number };
      writeRecord(folder.replay, record);
    }
    rmSync(draft, { force: true });

    /** Plays a day and the sweep after it; returns its line, and notes. */
    async function closed(day: PlannedDay): Promise<string[]> {
      const date = dateOf(firstDay, day);
      const notes: string[] = [];
      const time = () => clock.now().toISOString().slice(11, 16);
      const note = (text: string) => notes.push(table.note(time(), text));
      const noteAlarms = () => {
        for (const change of changes.splice(0)) note(alarmNote(change));
      };
      let doing = 'its first file';
      using _line = showProgress(() => `day ${day.number} of ${fifteenDays.length}, ${date} ${time()}: ${doing}`);
      for (const [i, scene] of day.scenes.entries()) {
        doing = `file ${i + 1} of ${day.scenes.length}`;
        const { key, bytes } = buildSceneFile(sample, seed, day, scene);
        stopping.signal.throwIfAborted();
        const arrival = arrivalOf(firstDay, day, scene);
        clock.set(new Date(arrival.getTime() - MINUTE_MILLISECONDS));
        await stack.idle(); // what is published late must not fall into the minute of what comes next
        clock.set(arrival);
        writeFileSync(draft, bytes);
        ownKeys.add(key);
        const ref = await stack.put(draft, key);
        await stack.deliver(ref);
        for (const row of await stack.ledger.ofScene(ref)) {
          const text = runNote(row);
          if (text !== undefined) note(text);
        }
        noteAlarms();
      }
      doing = 'the sweep that closes the day';
      stopping.signal.throwIfAborted();
      const end = new Date(Date.parse(date) + 86_400_000);
      const due = end.getTime() + millisecondsUntilNext(String(readParameters()['sweepSchedule']), end);
      clock.set(new Date(Math.min(due, Date.now()))); // soon after the next day has begun, but not after the real time
      await stack.sweep();
      stopping.signal.throwIfAborted();
      noteAlarms();
      const own = (await Array.fromAsync(stack.ledger.ofDay(date))).filter(
        (run) => modelId(run.model) === modelId(model),
      );
      return [table.line({ name: date, runs: own }), ...notes];
    }
  }
}

/** Keeps the user's files and the demonstration apart, as both would count for the same windows; bundled scenes are not theirs. */
async function whyNot({ ledger, folder }: OwnStack, record: ReplayRecord | undefined): Promise<string | undefined> {
  if (record?.daysDone === fifteenDays.length) {
    const [first, last] = [fifteenDays[0]!, fifteenDays.at(-1)!].map((day) => dateOf(record.firstDay, day));
    return `The fifteen days, ${first} to ${last}, were replayed into this folder before.`;
  }
  const own = ownModel(folder.models);
  const samples = bundledModel(own)?.samples;
  if (samples === undefined)
    return `This folder classifies with ${own}, and the demonstration needs a model that comes with Swath. To see it: npm start -- --data-dir demonstration`;
  if (record !== undefined) return undefined;
  const bundled = new Set(samples.map((file) => hash('sha256', readFileSync(file))));
  const newest = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: 1 + bundled.size })));
  const hasRuns = newest.some(({ rows }) => rows.some(({ scene }) => !bundled.has(scene.versionId)));
  const folders = [...bundled].map((sha256) => sentTo(sha256));
  if (!hasRuns && !readdirSync(folder.inbox).some((name) => isSceneKey(name) && !folders.includes(name)))
    return undefined;
  return 'This folder has files of its own, so the demonstration does not run here. To see it: npm start -- --data-dir demonstration';
}
