import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import { forEach } from '../../core/base/concurrency/forEach.ts';
import { reportKey } from '../../core/base/keys.ts';
import { daysBefore } from '../../core/base/time/days.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import type { ShownSegment } from '../../core/drift/segments.ts';
import type { Judgement } from '../../core/drift/window.ts';
import type { DriftScores } from '../../core/ledger/ledgerRow.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { startStack } from '../../local/stack/stack.ts';
import { METRICS_TABLE } from '../../local/tables/tables.ts';
import { countsIn } from '../../test/benches/summaries.ts';
import { fileOf, type Picture, type Scene } from './picture.ts';
import { REF } from './ranges.ts';

/** What was found of one file, or of a day. */
export type Found = { counts: readonly number[]; drift: DriftScores | null };
export type Day = {
  files: Found[];
  all: Found & { bandDrift: NonNullable<Judgement['bandDrift']> };
  segments: ShownSegment[];
  /** The alarms of drift that went off. */
  alarms: string[];
};

export type Sent = Scene & { name?: string };
export type Days = AsyncDisposable & { pass: (scenes: readonly Sent[]) => Promise<Day> };

const FIRST = '2020-01-01T00:00:00Z';
const DAY_HOURS = { files: 9, sweep: 24.5 };
const AT_ONCE = 4;
const ALARMS = ['drift', 'gradual-drift', 'band-drift'];

/** The embedded stack with a package of its own, on which days pass: files arrive in the morning, and the sweep closes the day. */
export async function startDays(folder: string, packageFolder: string, picture: Picture, side: number): Promise<Days> {
  mkdirSync(folder, { recursive: true });
  const stack = await startStack({
    dataDir: join(folder, 'data'),
    command: 'npm run bench',
    parameters: { modelName: REF.name },
    onError: (what, error) => {
      throw new Error(`${what}: ${error.message}`, { cause: error });
    },
  });
  const bucket = folderBucket(stack.folder.models);
  const at = (day: number, hours: number) => new Date(Date.parse(FIRST) + (24 * day + hours) * 3_600_000);
  stack.clock.set(at(-1, 0));
  await publishModel(bucket, packageFolder);
  await makePromotions(bucket, REF.name, tryModel).promote(REF.version, stack.now());
  const metrics = makeMetricsTable(stack.tables, METRICS_TABLE);
  const heard: string[] = [];
  stack.tellOfAlarms(({ id, state }) => ALARMS.includes(id) && state === 'ALARM' && heard.push(id));
  let [day, serial] = [0, 0];

  async function arrive({ name, ...scene }: Sent): Promise<Found> {
    serial += 1;
    const draft = join(folder, `draft-${serial}`);
    writeFileSync(draft, fileOf(picture, side, scene, serial));
    const ref = await stack.put(draft, `${name ?? 'scene'}_${serial}.tif`);
    rmSync(draft);
    await stack.deliver(ref);
    const [row] = await stack.ledger.ofScene(ref);
    if (row?.state !== 'DONE') throw new Error(`${ref.key} ended ${row?.state}: ${row?.error?.message}`);
    rmSync(join(stack.folder.inbox, ref.key));
    return { counts: countsIn(row).counts, drift: row.drift ?? null };
  }

  async function pass(scenes: readonly Sent[]): Promise<Day> {
    const date = daysBefore(-day, FIRST);
    stack.clock.set(at(day, DAY_HOURS.files));
    const files: Found[] = new Array(scenes.length);
    await forEach([...scenes.entries()], AT_ONCE, async ([i, scene]) => {
      files[i] = await arrive(scene);
    });
    await stack.idle();
    stack.clock.set(at(day, DAY_HOURS.sweep));
    await stack.sweep();
    day += 1;
    const row = await metrics.latestDay(REF, date);
    if (row?.runs !== scenes.length) throw new Error(`${date}: found ${row?.runs} runs of ${scenes.length}`);
    const { drift, bandDrift = [] } = row.judgement;
    const report = JSON.parse(readFileSync(join(stack.folder.results, reportKey(REF, date, 'json')), 'utf8'));
    const { counts } = row.judgement as unknown as { counts: number[] };
    return { files, all: { counts, drift, bandDrift }, segments: report.segments, alarms: heard.splice(0) };
  }

  return { pass, [Symbol.asyncDispose]: stack.close };
}
