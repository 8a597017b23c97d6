import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '../../console/service.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { limitsOf } from '../../core/drift/window.ts';
import type { CountedRun } from '../../core/ledger/ledgerItem.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { fifteenDays, type PlannedDay } from '../../replay/plan.ts';
import { buildSceneFile, readSample } from '../../replay/sceneFile.ts';
import { SAMPLES, SHARD } from '../models/bundled.ts';
import { followAlarms } from '../runs/alarmChanges.ts';
import { alarmNote, makeDayTable, runNote } from '../runs/dayTable.ts';
import { number } from '../runs/report.ts';
import { newestOf } from '../service/follow.ts';
import { withService } from '../service/ledger.ts';
import type { Account } from '../service/stack.ts';
import { commandFor, DATA_DIR, type Where } from '../service/where.ts';
import { WrongUse } from '../terminal/failure.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { showProgress } from '../terminal/progress.ts';
import { printable } from '../terminal/text.ts';

type Pace = { minutesPerDay: number; fromDay: number; seed: number };

/** The part of a stage that a replay needs. */
export type ReplayedStage = Pick<Service, 'stage' | 'parameters' | 'put' | 'readAlarms' | 'readOutbox'> & {
  models: Pick<Service['models'], 'promoted' | 'load'>;
  ledger: Pick<Service['ledger'], 'ofScene'>;
};

/** The clock and the screen, which tests replace. */
type ReplayPorts = {
  now: () => number;
  /** Resolves after this many milliseconds, or rejects as soon as the replay is stopped. */
  wait: (milliseconds: number) => Promise<void>;
  print: (line: string) => void;
};

const DAY_MINUTES = 24 * 60;
const MINUTE_MILLISECONDS = 60_000;
/** How often to check files and alarms; CloudWatch evaluates alarms once a minute. */
const LOOK_MILLISECONDS = 5000;
/** How long a day waits for its files: longer than a cold start, or a retry by the state machine. */
const LATE_MILLISECONDS = 3 * MINUTE_MILLISECONDS;

/** `swath replay --stage S`: plays the fifteen days in real time, each compressed into minutes. */
export async function replay(options: Pick<Where, 'stage'> & Account & Pace): Promise<void> {
  if (options.stage === undefined)
    throw new WrongUse(
      'replay needs --stage: it sends the fifteen days to a deployed stage. On this machine, npm start replays them in seconds.',
    );
  using interrupt = stopOnInterrupt();
  const { wait } = interrupt;
  await withService({ ...options, dataDir: DATA_DIR }, (stage) =>
    replayInto(stage, options, { now: Date.now, wait, print: console.log }),
  );
}

/** Sends each file at its time, and prints the outcomes of files and the changes of alarms. */
export async function replayInto(
  stage: ReplayedStage,
  { minutesPerDay, fromDay, seed, ...account }: Pace & Account,
  { now, wait, print }: ReplayPorts,
): Promise<void> {
  const model = await stage.models.load(await stage.models.promoted());
  const sample = await readSample(SHARD, await readFile(join(SAMPLES, SHARD)), model);
  const table = makeDayTable(model, limitsOf(stage.parameters));
  const lookAtAlarms = await followAlarms(stage);
  const millisecondsPerMinute = (minutesPerDay * MINUTE_MILLISECONDS) / DAY_MINUTES;
  const days = fifteenDays.slice(fromDay - 1);
  let current = fromDay;
  let doing = '';
  using progress = showProgress(() => `day ${current} of ${fifteenDays.length}: ${doing}`);
  const say = (line: string) => progress.above(() => print(line));

  say(
    `Fifteen days go to the stage ${stage.stage}, ${minutesPerDay} minutes each: ${days.length * minutesPerDay} minutes from day ${fromDay} on.`,
  );
  say(
    `Their chips are drawn with replacement from ${SHARD}, seed ${seed}. Files sent before with this seed count once.\n`,
  );
  say(table.head);
  try {
    for (const day of days) {
      current = day.number;
      say(table.line({ name: `day ${current}`, runs: await play(day) }));
    }
  } catch (error) {
    const again = printable(commandFor({ stage: stage.stage, ...account }, 'replay'));
    say(
      `\nStopped in day ${current}. To go on: ${again} --minutes-per-day ${minutesPerDay} --seed ${seed} --from-day ${current}`,
    );
    throw error;
  }

  async function play(day: PlannedDay): Promise<CountedRun[]> {
    const began = now();
    const onTheirWay = new Map<string, SceneRef>();
    const counted: CountedRun[] = [];

    for (const [i, scene] of day.scenes.entries()) {
      doing = `file ${i + 1} of ${day.scenes.length} comes next`;
      await until(began + scene.minute * millisecondsPerMinute);
      doing = `sending file ${i + 1} of ${day.scenes.length}`;
      const { key, bytes } = buildSceneFile(sample, seed, day, scene);
      await using folder = await mkdtempDisposable(join(tmpdir(), 'swath-'));
      const file = join(folder.path, 'scene.tfrecord');
      await writeFile(file, bytes);
      onTheirWay.set(key, await stage.put(file, key));
    }
    doing = 'the day is closing';
    const end = began + DAY_MINUTES * millisecondsPerMinute;
    await until(end);
    while (onTheirWay.size > 0 && now() < end + LATE_MILLISECONDS) await until(now() + LOOK_MILLISECONDS);
    for (const key of onTheirWay.keys()) note(`${key} is still in progress.`);
    return counted;

    async function until(moment: number): Promise<void> {
      for (;;) {
        await look();
        const rest = moment - now();
        if (rest <= 0) return;
        await wait(Math.min(rest, LOOK_MILLISECONDS));
      }
    }

    async function look(): Promise<void> {
      for (const [key, scene] of [...onTheirWay]) {
        const row = newestOf(await stage.ledger.ofScene(scene));
        if (row === undefined || isRunning(row.state)) continue;
        onTheirWay.delete(key);
        note(runNote(row) ?? `DONE ${key}: ${number(row.chips)} chips.`);
        const { run, model, summary, bands, chips = 0, blank = 0 } = row;
        if (summary !== undefined && (row.state === 'DONE' || row.state === 'EMPTY'))
          counted.push({ run, model, summary, bands, chips, blank });
      }
      for (const change of await lookAtAlarms()) note(alarmNote(change));
    }
  }

  function note(text: string): void {
    say(table.note(new Date(now()).toISOString().slice(11, 16), text));
  }
}
