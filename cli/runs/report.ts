import { join } from 'node:path';
import { missingText } from '../../charts/driftWords.ts';
import { count, counted, distance, NONE, orNone } from '../../charts/format.ts';
import { largest } from '../../core/base/text/largest.ts';
import { precise } from '../../core/base/text/numbers.ts';
import { numbersOf } from '../../core/drift/totals.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import { duplicateNote, type LedgerRow, type RunError } from '../../core/ledger/ledgerRow.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { predictionFiles, resultKeys } from '../../core/results/predictions.ts';
import { refusedText, warningsText } from '../../core/scenes/refusedText.ts';
import { accuracyIn, classesIn, namedIn, summaryIn, taskOfSum } from '../../core/tasks/registry.ts';
import { shownOfSum } from '../../core/tasks/shownRegistry.ts';
import { coloured, dim, printable, table } from '../terminal/output.ts';

/** A run as `--json` prints it, with the file as it was named; fields without a value are null. */
export function toJson(file: string, row: LedgerRow, results: string | null) {
  const { scene, run, state, model, milliseconds, drift = null, raster, duplicateOf = null, error } = row;
  const { chips = null, blank = null, masked = chips === null ? null : 0, refused = null, warnings = [] } = row;
  const isCounted = state === 'DONE' || state === 'EMPTY';
  const named = classesIn(row);
  const sum = summaryIn(row);
  const task = sum === undefined ? null : taskOfSum(sum).name;
  const numbers = isCounted && sum ? numbersOf(sum) : undefined;
  const { mostCommonShare = null, missingShare = null, meanProbability = null, unsureShare = null } = numbers ?? {};
  const about = { file, key: scene.key, door: doorOf(scene), run, state, task, model, shadow: row.shadow === true };
  return {
    ...about,
    ...{ chips, blank, masked, refused, warnings },
    classes: isCounted && named.length > 0 ? Object.fromEntries(named.map(({ name, count }) => [name, count])) : null,
    ...(isCounted && sum && namedIn(row).length === 0 && { summary: sum }),
    ...{ mostCommonShare, missingShare, meanProbability, unsureShare },
    accuracy: accuracyOf(row),
    drift: isCounted ? drift : null,
    predictions: results === null ? [] : predictionPaths(row, results),
    results: results === null ? [] : resultPaths(row, results),
    crs: raster?.crs ?? null,
    bounds: raster?.bounds ?? null,
    duplicateOf,
    error: error ? { name: error.name, message: error.message, step: error.step } : null,
    milliseconds: { preprocess: null, infer: null, drift: null, total: null, chip: null, ...milliseconds },
  };
}

/** The same, with the other fields of the ledger: times, attempt, bytes. */
export function toLedgerJson(row: LedgerRow, results: string | null) {
  const { changed, claimedAt, day = null, attempt, attemptLimit, execution, size = null, digest = null, scene } = row;
  const { batch = null, lease = null, acquired = null } = row;
  const kept = { changed, claimedAt, day, attempt, attemptLimit, execution, version: scene.versionId, size, digest };
  return { ...toJson(scene.key, row, results), ...kept, acquired, batch, lease, failures: failuresOf(row) };
}

/** The failures of all attempts, the latest last. */
export function failuresOf({ failures = [], error }: LedgerRow): RunError[] {
  if (error === undefined) return failures;
  const isThere = failures.at(-1)?.at === error.at;
  return isThere ? [...failures.slice(0, -1), error] : [...failures, error]; // there, its message is complete
}

/** The Parquet files of a done run, one for each part; for a bulk file, that of its batch. */
export const predictionPaths = (row: LedgerRow, results: string): string[] =>
  predictionFiles([row]).map(({ key }) => pathIn(results, key));

/** The maps of a done run of a raster, and its STAC Item. */
export const resultPaths = (row: LedgerRow, results: string) => resultKeys(row).map((key) => pathIn(results, key));

const pathIn = (results: string, key: string): string => join(results, ...key.split('/'));

/** A file's run, and whether it was already settled, so that nothing was done now. */
export type Line = { row: LedgerRow; wasSettledBefore?: boolean };

/** The table that ends a command: a line for each run, and below it a sentence on each that is not simply done. */
export function summaryTable(lines: Line[]): string {
  const sums = lines.map(({ row }) => summaryIn(row)).filter((sum) => sum !== undefined);
  const nouns = [...new Set(sums.map((sum) => shownOfSum(sum).words.many))].join(', ') || 'predicted';
  const areSeveral = new Set(lines.map(({ row }) => row.model.name)).size > 1;
  const called = ({ scene, model }: LedgerRow) => printable(areSeveral ? `${scene.key} (${model.name})` : scene.key);
  const head = ['file', 'run', 'state', 'chips', 'blank', nouns, 'drift', 'noise floor', 'verdict', 'seconds'];
  const rows = lines.map(({ row }) => [
    called(row), // its name in the console and in SQL, too
    row.run.slice(0, 8), // enough for `swath show`
    coloured(row.state),
    number(row.chips),
    number(row.blank),
    predicted(row),
    ...[row.drift?.jensenShannon, row.drift?.noiseFloor].map((score) => orNone(score, distance)),
    orNone(row.drift?.verdict, coloured),
    orNone(row.milliseconds?.total, (total) => (total / 1000).toFixed(2)),
  ]);
  const sentences = lines.flatMap((line) => {
    const sentence = explain(line);
    return sentence === undefined ? [] : [`${coloured(line.row.state)} ${called(line.row)}: ${sentence}`];
  });
  return table(head, rows, 'lllrrlrrlr') + (sentences.length === 0 ? '' : `\n\n${sentences.join('\n')}`);
}

function explain({ row, wasSettledBefore }: Line): string | undefined {
  if (wasSettledBefore === true && row.error === undefined)
    return `this run was settled before, at ${row.changed}; nothing was done now.`;
  const named = `${row.scene.key}: `;
  if (row.error?.message.startsWith(named)) return printable(row.error.message.slice(named.length));
  if (row.error !== undefined) return printable(row.error.message);
  if (row.duplicateOf !== undefined) return `${duplicateNote(row)} ${row.duplicateOf}, which counts.`;
  if (row.refused !== undefined) return printable(refusedText(row.refused));
  const { missing = 0 } = summaryIn(row) ?? {};
  const lost = missing > 0 ? missingText(missing) : undefined;
  const share = accuracyOf(row);
  const right =
    share === null ? [] : [`${(100 * share).toFixed(1)} % of the predictions are what the file says is true.`];
  const converted = row.warnings && printable(warningsText(row));
  return [converted, qualityNote(row), lost, ...right].filter((one) => one !== undefined).join(' ') || undefined;
}

/** Says how many source bands of a run break data quality rules; undefined if none does. Naming the rules takes the package. */
export function qualityNote(row: LedgerRow): string | undefined {
  const broken = measuresOfRow(row).bands?.filter(({ violations }) => violations !== undefined).length ?? 0;
  if (broken === 0) return undefined;
  return `${counted(broken, 'source band breaks', 'source bands break')} a rule of data quality: swath show lists them.`;
}

/** The accuracy of a run's predictions by the truth in its file; null if the file contains none. */
function accuracyOf(row: LedgerRow): number | null {
  const sum = summaryIn(row);
  return sum === undefined ? null : accuracyIn(sum);
}

function predicted(row: LedgerRow): string {
  const named = classesIn(row);
  const total = named.reduce((sum, { count }) => sum + count, 0);
  if (total > 0)
    return largest(named, ({ count }) => count)
      .map(({ name, count }) => `${dim(printable(name))} ${Math.round((100 * count) / total)} %`)
      .join('  ');
  const told = named.length > 0 ? [] : briefOf(row);
  return told.map(([name, value]) => `${dim(name)} ${value}`).join('  ') || NONE;
}

export function briefOf(row: LedgerRow): [name: string, value: string][] {
  const sum = summaryIn(row);
  const told = [...(sum === undefined ? [] : shownOfSum(sum).brief(sum)), { name: 'accuracy', value: accuracyOf(row) }];
  return told.flatMap(({ name, value }) => (value === null ? [] : [[name, precise(value)]]));
}

export const number = (value: number | undefined): string => orNone(value, count);
