import * as z from 'zod';
import { ObjectNotFound } from '../../core/errors.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { Refused } from '../answer.ts';
import type { Chip, Chips } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import { oneOf, wholeNumber } from '../query.ts';
import type { Service } from '../service.ts';
import { packageOrNone } from './packageOrNone.ts';
import { pageOf } from './paging.ts';
import type { PredictedRun, PredictedRuns } from './predictedRuns.ts';
import { knownRun } from './run.ts';
import { thumbnailPath } from './thumbnail.ts';

const PAGE_SIZE = 48;
/** Where no run is named, the newest ones that together have so many chips are looked at, and at most so many of them. */
const CHIPS_LOOKED_AT = 5000;
const RUNS_LOOKED_AT = 40;

export const chipsQuery = z.object({
  run: z.string().optional(),
  order: oneOf(['uncertain', 'certain']).default('uncertain'),
  class: z.string().optional(),
  page: wholeNumber(1, 1_000_000).default(1),
});

type Ports = Pick<Service, 'ledger' | 'models'> & {
  newestRuns: Pick<NewestRuns, 'read'>;
  predictedRuns: PredictedRuns;
};

/** What was predicted, chip by chip, of one run or of the newest ones. */
export async function chipsOf(
  ports: Ports,
  { run, order, class: wanted, page }: z.output<typeof chipsQuery>,
): Promise<Chips> {
  const { runs, isMore } = run === undefined ? await newestDone(ports) : await one(ports, run);
  const chips = (await Promise.all(runs.map((predicted) => toChips(ports, predicted)))).flat();
  const found = chips.filter((chip) => wanted === undefined || chip.class === wanted);
  // Without a probability there is no certainty at all; of equals, those that came first in the file or lately.
  const certainty = ({ probability }: Chip) => (probability ?? -1) * (order === 'certain' ? -1 : 1);
  found.sort((a, b) => certainty(a) - certainty(b));
  const shown = pageOf(withoutRepetitions(found), page, PAGE_SIZE);
  return {
    chips: shown.items,
    page: shown.page,
    pages: shown.pages,
    classes: [...new Set(runs.flatMap(({ row }) => row.classes?.map(({ name }) => name) ?? []))],
    total: found.length,
    isMore: isMore || runs.some((predicted) => predicted.isMore),
  };
}

/** From here on, probabilities are so near to 1 that different chips may have the same one. */
const TOO_SURE = 0.99;

/** One chip for all that were predicted the very same: a picture that repeats tells nothing new. */
function withoutRepetitions(chips: Chip[]): Chip[] {
  const shown = new Map<string, Chip>();
  for (const chip of chips) {
    const { id, run, class: predicted, probability, truth } = chip;
    const isTelling = probability !== null && probability < TOO_SURE;
    const key = isTelling ? JSON.stringify([predicted, probability, truth]) : `${run}/${id}`;
    const first = shown.get(key);
    if (first === undefined) shown.set(key, chip);
    else first.alike += 1;
  }
  return [...shown.values()];
}

type Looked = { runs: PredictedRun[]; isMore: boolean };

async function one({ ledger, predictedRuns }: Ports, run: string): Promise<Looked> {
  const row = await knownRun({ ledger }, run);
  const predicted = await predictedRuns.read(row).catch((error: unknown) => {
    if (!(error instanceof ObjectNotFound)) throw error;
    throw new Refused(404, `The predictions of run ${run} are not in the results bucket any more: ${error.message}`);
  });
  return { runs: [predicted], isMore: false };
}

async function newestDone({ newestRuns, predictedRuns }: Ports): Promise<Looked> {
  const newest = await newestRuns.read();
  const done = newest.rows.filter(({ state }) => state === 'DONE');
  const looked: LedgerRow[] = [];
  for (let chips = 0; looked.length < done.length && looked.length < RUNS_LOOKED_AT && chips < CHIPS_LOOKED_AT; ) {
    const row = done[looked.length]!;
    looked.push(row);
    chips += row.chips ?? 0;
  }
  const runs = await Promise.all(looked.map((row) => predictedRuns.read(row).catch(noneIfGone)));
  return {
    runs: runs.filter((predicted) => predicted !== null),
    isMore: looked.length < done.length || newest.isMore,
  };
}

function noneIfGone(error: unknown): null {
  if (error instanceof ObjectNotFound) return null;
  throw error;
}

async function toChips({ models }: Ports, { row, chips }: PredictedRun): Promise<Chip[]> {
  const model = await packageOrNone(models, row.model);
  const names = new Map(model?.classes.map(({ value, name }) => [value, name]));
  return chips.map(({ id, run, index, class: predicted, probability, truth }) => ({
    id,
    run,
    file: row.scene.key,
    index,
    class: predicted,
    probability,
    truth: truth === null ? null : (names.get(truth) ?? String(truth)),
    alike: 0,
    image: thumbnailPath(run, index),
  }));
}
