import { inOrder } from '../core/base/concurrency/inOrder.ts';
import { nullIfNotFound, type ReadObject } from '../core/base/objectStore.ts';
import { type Invocation, stopIfAsked } from '../core/base/step.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { isMasked } from '../core/measures/blanks/mask.ts';
import type { ModelPackage } from '../core/package/package.ts';
import { type PredictionFile, predictionFiles } from '../core/results/predictionFiles.ts';
import { firstByRank, type PredictedChip, readPredictionFile } from '../core/results/predictions.ts';
import { compareTruths } from '../core/tasks/shownRegistry.ts';

/** So many parts take about a minute. */
const MOST_PARTS = 20_000;
const AT_ONCE = 16;
/** What is left of an invocation's time for everything after the predictions. */
const KEPT_SECONDS = 60;

/**
 * Reads what only the predictions of runs tell, part by part: nothing is kept of one but counts and the `count` chips to look at
 * first. Of very many parts, or in too short a time, not all are read.
 */
export async function readDayPredictions(
  readResult: ReadObject,
  runs: readonly LedgerRow[],
  model: ModelPackage,
  count: number,
  invocation: Invocation,
) {
  const comparison = compareTruths(model);
  const parts = predictionFiles(runs);
  /** Null where somebody has taken the predictions away: the report goes without them, and says so. */
  const chipsOf = (file: PredictionFile) => readPredictionFile(readResult, file).catch(nullIfNotFound);
  let kept: PredictedChip[] = [];
  let partsRead = 0;
  for await (const chips of inOrder(parts.slice(0, MOST_PARTS), AT_ONCE, chipsOf)) {
    stopIfAsked(invocation);
    if (chips === null) continue;
    partsRead += 1;
    const shown = chips.filter(({ masked }) => !isMasked(masked, model.mask));
    for (const chip of shown) comparison.add(chip);
    kept = firstByRank([...kept, ...shown], count);
    if (invocation.remainingSeconds() < KEPT_SECONDS) break;
  }
  return { accuracy: comparison.accuracy(), leastCertain: kept, parts: parts.length, partsRead };
}
