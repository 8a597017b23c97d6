import { parquetReadObjects } from 'hyparquet';
import type { State } from '../../core/ledger/states.ts';
import type { Item } from './expressions.ts';
import { digestOf } from './inbox.ts';
import type { Change } from './results.ts';
import type { Worker } from './world.ts';

/** Whoever reads the predictions counts rows by their chips, over all files that are there: at any moment, and without the ledger. */

type Moment =
  | { of: 'file'; change: Change; by: Worker | undefined }
  | { of: 'row'; row: Item; by: Worker | undefined }
  | { of: 'end'; worker: Worker };

/** Rows of one run in one file, and who brought them there. */
type Seen = { chips: readonly string[]; by: Worker | undefined };

const NOT_COUNTED: readonly State[] = ['FAILED', 'INVALID', 'DUPLICATE', 'EMPTY'];

const PREDICTIONS = /^predictions\/model=(?<model>[^/]+)\/.*\/(?<id>[0-9a-f]{32})-\d{5}\.parquet$/;
const partsOf = (key: string) => PREDICTIONS.exec(key)!.groups as { model: string; id: string };

/**
 * Keeps what happened to predictions and rows, and looks at each moment through a reader's eyes: no chip is there twice once
 * one of its runs has come to its end, and of a run that counts nothing none is there. For a moment some may be: while the
 * worker that wrote them, or that ended their run, is still at it; where it died in the middle, or had to give up, until the
 * sweep.
 */
export function makeReaders() {
  const moments: Moment[] = [];

  return {
    onChange: (change: Change, by: Worker | undefined) => {
      if (PREDICTIONS.test(change.key)) moments.push({ of: 'file', change, by });
    },
    onRow: (row: Item, by: Worker | undefined) => void moments.push({ of: 'row', row, by }),
    onEnd: (worker: Worker) => void moments.push({ of: 'end', worker }),
    /** What a reader saw that was wrong; and with `isOver`, what is wrong now, whoever is at it. */
    problems: (isOver: boolean) => problemsOf(moments, isOver),
  };
}

async function problemsOf(moments: readonly Moment[], isOver: boolean): Promise<string[]> {
  const files = new Map<string, Map<string, Seen>>();
  const rows = new Map<string, { row: Item; by: Worker | undefined }>();
  const ended = new Set<Worker>();
  const problems = new Set<string>();
  const writers = new Map<Uint8Array, Worker | undefined>();
  const ofBatches = new Map<string, Worker | undefined>();

  for (const [i, moment] of moments.entries()) {
    if (moment.of === 'end') ended.add(moment.worker);
    else if (moment.of === 'row') rows.set(String(moment.row['run']), moment);
    else await applyChange(moment);
    look(isOver && i === moments.length - 1);
  }
  return [...problems];

  async function applyChange({ change: { key, written, readable }, by }: Moment & { of: 'file' }): Promise<void> {
    if (written !== undefined) writers.set(written, rows.has(partsOf(key).id) ? by : firstWriter(written, by));
    files.delete(key);
    if (readable === undefined) return;
    const writer = writers.get(readable); // a removal brings the version before to light again, which may be another's
    const ofRuns = new Map<string, Seen>();
    for (const [run, chips] of await chipsIn(readable)) ofRuns.set(run, { chips, by: writer });
    files.set(key, ofRuns);
  }

  /** Two writes of a batch's file are never of the same bytes, but where what was there before is put back. */
  function firstWriter(written: Uint8Array, by: Worker | undefined): Worker | undefined {
    const digest = digestOf(written);
    if (!ofBatches.has(digest)) ofBatches.set(digest, by);
    return ofBatches.get(digest);
  }

  function look(isStrict: boolean): void {
    /** Not seen to the end yet, so it may be put right still. */
    const isAtIt = (worker: Worker | undefined) => !isStrict && worker !== undefined && !ended.has(worker);
    const places = new Map<string, { key: string; mayBe: boolean }[]>();
    for (const [key, ofRuns] of files)
      for (const [run, { chips, by }] of ofRuns) {
        const found = rows.get(run);
        const mayBe = isAtIt(by) || isAtIt(found?.by);
        const state = found?.row['state'] as State | undefined;
        if (state !== undefined && NOT_COUNTED.includes(state) && !mayBe)
          problems.add(`${key} has predictions of run ${run}, which is ${state}`);
        const { model } = partsOf(key); // another model's predictions of a chip are others
        for (const chip of chips.map((id) => `${model}/${id}`))
          places.set(chip, [...(places.get(chip) ?? []), { key, mayBe }]);
      }
    for (const [chip, found] of places)
      if (found.length > 1 && !found.some(({ mayBe }) => mayBe) && isAnyOver(chip))
        problems.add(`chip ${chip} is there ${found.length} times: ${found.map(({ key }) => key).join(', ')}`);
  }

  function isAnyOver(chip: string): boolean {
    return [...rows.values()].some(
      ({ row }) =>
        row['state'] === 'DONE' &&
        chip.startsWith(`${String(row['model']).split('/')[0]}/${String(row['digest']).slice(0, 16)}`),
    );
  }
}

const read = new WeakMap<Uint8Array, Promise<Map<string, string[]>>>();

/** The chips that have a row in a file, by the run that the row names. */
function chipsIn(bytes: Uint8Array): Promise<Map<string, string[]>> {
  const known = read.get(bytes) ?? readChips(bytes);
  read.set(bytes, known);
  return known;
}

async function readChips(bytes: Uint8Array): Promise<Map<string, string[]>> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer, columns: ['chip_id', 'run'] });
  const byRun = Map.groupBy(rows, ({ run }) => String(run));
  return new Map([...byRun].map(([run, found]) => [run, found.map(({ chip_id }) => String(chip_id))]));
}
