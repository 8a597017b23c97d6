import * as z from 'zod';
import { slices } from '../../core/base/concurrency/inOrder.ts';
import { modelId } from '../../core/base/messages.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { newestInStates } from '../../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { byRank, type PredictedChip, predictionFiles, readPredictionFile } from '../../core/results/predictions.ts';
import type { Cell, Rows } from '../../core/tables/table.ts';
import { namedIn, summaryIn } from '../../core/tasks/registry.ts';
import { shownOfSum } from '../../core/tasks/shownRegistry.ts';
import { refuseIfGone } from '../answer.ts';
import type { Chip, Chips } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import { oneOf, pageOf, wholeNumber } from '../query.ts';
import type { Service } from '../service.ts';
import { knownRun } from './knownRun.ts';
import { thumbnailPath } from './pictures.ts';
import type { PredictedRun, PredictedRuns } from './predictedRuns.ts';

const PAGE_SIZE = 48;
/** Without a run, the newest runs are read, up to this many chips together, and this many runs. */
const CHIPS_LOOKED_AT = 5000;
const RUNS_LOOKED_AT = 40;

export const chipsQuery = z.object({
  run: z.string().optional(),
  order: oneOf(['uncertain', 'certain']).default('uncertain'),
  class: z.string().optional(),
  truth: oneOf(['right', 'wrong']).optional(),
  day: z.iso.date('a day such as 2026-01-31').optional(),
  version: z.string().max(300, 'at most 300 letters').optional(),
  page: wholeNumber(1, 1_000_000).default(1),
});

type Query = z.output<typeof chipsQuery>;
type Ports = Pick<Service, 'ledger' | 'models'> & {
  newestRuns: Pick<NewestRuns, 'read'>;
  predictedRuns: PredictedRuns;
};

export async function chipsOf(ports: Ports, { page, run, ...filter }: Query): Promise<Chips> {
  const { runs, isMore, days, versions } = await (run === undefined ? newestDone(ports, filter) : one(ports, run));
  const chips = (await Promise.all(runs.map((predicted) => toChips(ports, predicted)))).flat();
  const found = chosen(chips, filter);
  const { items, ...shown } = pageOf(withoutRepetitions(found), page, PAGE_SIZE);
  return {
    chips: items.map(({ rank: _, ...chip }) => chip),
    ...shown,
    classes: [...new Set(runs.flatMap(({ row }) => namedIn(row).map(({ name }) => name)))],
    days,
    versions,
    hasTruth: chips.some(({ isRight }) => isRight !== null),
    order: shownOfRow(runs[0]?.row).words.order,
    total: found.length,
    isMore: isMore || runs.some((predicted) => predicted.isMore),
  };
}

/** All chips found, including those with identical predictions: run by run, the newest first, with those of its batch, whose predictions are in memory. */
export async function chipRows(ports: Ports & Pick<Service, 'readResult'>, { run, ...filter }: Query) {
  const runs =
    run === undefined
      ? (await newestInStates(ports.ledger, ['DONE'], { limit: Infinity })).filter((row) => isOf(row, filter))
      : (await one(ports, run)).runs.flatMap(({ row }) => (row.state === 'DONE' ? row : []));
  return { columns: FILE_COLUMNS, rows: rowsOf() } satisfies Rows;

  /** Some at once: a run may have a million. */
  async function* rowsOf(): AsyncGenerator<Cell[][], void, void> {
    for (const together of Map.groupBy(runs, (row) => row.batch ?? row.run).values()) {
      const files = Array.fromAsync(predictionFiles(together), (file) => readPredictionFile(ports.readResult, file));
      const parts = await files.catch(nullIfNotFound);
      const chipsIn = Map.groupBy((parts ?? []).flat(), (chip) => chip.run);
      for (const row of together) {
        const found = chosen(await toChips(ports, { row, chips: chipsIn.get(row.run) ?? [], isMore: false }), filter);
        for (const some of slices(found, 1000)) yield some.map((chip) => FILE_COLUMNS.map(({ of }) => of(chip)));
      }
    }
  }
}

const FILE_COLUMNS: readonly (Rows['columns'][number] & { of: (chip: Chip) => Cell })[] = [
  { name: 'chip_id', type: 'STRING', of: ({ id }) => id },
  { name: 'run', type: 'STRING', of: ({ run }) => run },
  { name: 'scene', type: 'STRING', of: ({ file }) => file },
  { name: 'index', type: 'INT32', of: ({ index }) => index },
  { name: 'member', type: 'STRING', of: ({ member }) => member },
  { name: 'x', type: 'INT32', of: ({ pixel }) => pixel?.[0] ?? null },
  { name: 'y', type: 'INT32', of: ({ pixel }) => pixel?.[1] ?? null },
  { name: 'longitude', type: 'DOUBLE', of: ({ middle }) => middle?.[0] ?? null },
  { name: 'latitude', type: 'DOUBLE', of: ({ middle }) => middle?.[1] ?? null },
  { name: 'predicted', type: 'STRING', of: ({ text }) => text },
  { name: 'probability', type: 'DOUBLE', of: ({ probability }) => probability },
  { name: 'truth', type: 'STRING', of: ({ truth }) => truth },
  { name: 'is_right', type: 'BOOLEAN', of: ({ isRight }) => isRight },
  { name: 'set', type: 'STRING', of: ({ set }) => set },
];

type Filter = Omit<Query, 'page' | 'run'>;

function chosen(chips: readonly RankedChip[], { order, class: wanted, truth }: Filter): RankedChip[] {
  const found = chips.filter(
    ({ text, isRight }) =>
      (wanted === undefined || text === wanted) && (truth === undefined || isRight === (truth === 'right')),
  );
  // Equal ones stay in the order of the file, the newest run first.
  return found.sort((a, b) => (order === 'certain' ? byRank(b, a) : byRank(a, b)));
}

/** Probabilities from here on are so close to 1 that different chips may have the same one. */
const TOO_SURE = 0.99;

/** Keeps one chip of all with identical predictions: a repeated picture shows nothing new. */
function withoutRepetitions(chips: RankedChip[]): RankedChip[] {
  const alike = Map.groupBy(chips, ({ id, run, text, probability, truth }) => {
    const isTelling = probability !== null && probability < TOO_SURE;
    return isTelling ? JSON.stringify([text, probability, truth]) : `${run}/${id}`;
  });
  return Array.from(alike.values(), ([first, ...others]) => ({ ...first!, alike: others.length }));
}

type RankedChip = Chip & Pick<PredictedChip, 'rank'>;
type Looked = Pick<Chips, 'days' | 'versions' | 'isMore'> & { runs: PredictedRun[] };

async function one({ ledger, predictedRuns }: Ports, run: string): Promise<Looked> {
  const row = await knownRun({ ledger }, run);
  const gone = `The predictions of run ${run} are not in the results bucket any more`;
  const predicted = await predictedRuns.read(row).catch(refuseIfGone(404, ({ message }) => `${gone}: ${message}`));
  return { runs: [predicted], isMore: false, days: [], versions: [] };
}

const isOf = (row: LedgerRow, { day, version }: Filter): boolean =>
  (day === undefined || row.day === day) && (version === undefined || modelId(row.model) === version);

async function newestDone({ newestRuns, predictedRuns }: Ports, filter: Filter): Promise<Looked> {
  const { day, version } = filter;
  const [newest, asked] = await Promise.all([
    newestRuns.read(),
    newestRuns.read({ ...(version && { of: version }), ...(day && { from: day, to: day }) }),
  ]);
  const [known, done] = [newest, asked].map(({ rows }) => rows.filter(({ state }) => state === 'DONE'));
  const looked: LedgerRow[] = [];
  for (let chips = 0; looked.length < done!.length && looked.length < RUNS_LOOKED_AT && chips < CHIPS_LOOKED_AT; ) {
    const row = done![looked.length]!;
    looked.push(row);
    chips += row.chips ?? 0;
  }
  const runs = await Promise.all(looked.map((row) => predictedRuns.read(row).catch(nullIfNotFound)));
  return {
    runs: runs.filter((predicted) => predicted !== null),
    isMore: looked.length < done!.length || asked.cut.includes('DONE'),
    days: [...new Set([...known!, ...done!].flatMap((row) => row.day ?? []))].toSorted().reverse(),
    versions: [...new Set([...known!, ...done!].map(({ model }) => modelId(model)))].toSorted(),
  };
}

const shownOfRow = (row: LedgerRow | undefined) => shownOfSum(summaryIn(row ?? {}) ?? {});

function middleOf(ring: NonNullable<PredictedChip['footprint']>): [number, number] {
  const corners = ring.length > 1 ? ring.slice(1) : ring;
  const mean = (of: 0 | 1) => corners.reduce((sum, corner) => sum + corner[of], 0) / corners.length;
  return [mean(0), mean(1)];
}

async function toChips({ models }: Ports, { row, chips }: PredictedRun): Promise<RankedChip[]> {
  const model = await models.load(row.model).catch(noneIfUnusable);
  const { told } = shownOfRow(row);
  return chips.map((chip) => {
    const { id, run, index, text, probability, rank, set = null, truth, member, window, footprint } = chip;
    return {
      ...{ id, run, index, text, probability, rank, set, member },
      file: row.scene.key,
      pixel: window && [window.x, window.y],
      middle: footprint && middleOf(footprint),
      ...(model === null ? { truth: truth === null ? null : String(truth), isRight: null } : told(chip, model)),
      alike: 0,
      image: doorOf(row.scene) !== 'http' ? thumbnailPath(run, index) : null,
    };
  });
}
