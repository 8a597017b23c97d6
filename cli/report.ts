import { join } from 'node:path';
import { duplicateNote } from '../core/ledger/duplicateNote.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { predictionFiles } from '../core/predictions/predictions.ts';
import { failuresOf } from './failures.ts';
import { coloured, dim, printable, table } from './text.ts';

/** A run as `--json` prints it: null where there is nothing to say. */
export function toJson(file: string, row: LedgerRow, results: string | null) {
  const { milliseconds, drift } = row;
  const isCounted = row.state === 'DONE' || row.state === 'EMPTY';
  return {
    file,
    run: row.run,
    state: row.state,
    model: row.model,
    chips: row.chips ?? null,
    blank: row.blank ?? null,
    classes: isCounted && row.classes ? Object.fromEntries(row.classes.map(({ name, count }) => [name, count])) : null,
    mostCommonShare: row.mostCommonShare ?? null,
    missingShare: row.missingShare ?? null,
    meanProbability: row.meanProbability ?? null,
    drift: isCounted ? (drift ?? null) : null,
    predictions: results === null ? [] : predictionPaths(row, results),
    duplicateOf: row.duplicateOf ?? null,
    error: row.error ? { name: row.error.name, message: row.error.message, step: row.error.step } : null,
    milliseconds: {
      preprocess: milliseconds?.preprocess ?? null,
      infer: milliseconds?.infer ?? null,
      drift: milliseconds?.drift ?? null,
      total: milliseconds?.total ?? null,
    },
  };
}

/** The same with what the ledger keeps beside: when, which attempt, which bytes. */
export function toLedgerJson(row: LedgerRow, results: string | null) {
  const { changed, claimedAt, day = null, attempt, attemptLimit, execution, size = null, digest = null, scene } = row;
  const kept = { changed, claimedAt, day, attempt, attemptLimit, execution, version: scene.versionId, size, digest };
  const beside = { batch: row.batch ?? null };
  return {
    ...toJson(scene.key, row, results),
    ...kept,
    ...beside,
    lease: row.lease ?? null,
    failures: failuresOf(row),
  };
}

/** The Parquet files of a done run, one a part; of a bulk file, that of its batch. */
export function predictionPaths(row: LedgerRow, results: string): string[] {
  return predictionFiles([row]).map(({ key }) => join(results, ...key.split('/')));
}

/** A file, the run that it came to, and whether that was settled before, so that nothing was done now. */
export type Line = { file: string; row: LedgerRow; wasSettledBefore?: boolean };

/** The table that ends a command: a line a file, and below it a sentence on each that is not simply done. */
export function summaryTable(lines: Line[]): string {
  const head = ['file', 'state', 'chips', 'blank', 'classes', 'drift', 'noise floor', 'verdict', 'seconds'];
  const rows = lines.map(({ file, row }) => [
    printable(file),
    coloured(row.state),
    number(row.chips),
    number(row.blank),
    shares(row),
    row.drift?.jensenShannon.toFixed(3) ?? NOTHING,
    row.drift?.noiseFloor.toFixed(3) ?? NOTHING,
    row.drift ? coloured(row.drift.verdict) : NOTHING,
    row.milliseconds?.total === undefined ? NOTHING : (row.milliseconds.total / 1000).toFixed(2),
  ]);
  const right = 'right' as const;
  const left = 'left' as const;
  const sentences = lines.flatMap((line) => {
    const sentence = explain(line);
    return sentence === undefined ? [] : [`${coloured(line.row.state)} ${printable(line.file)}: ${sentence}`];
  });
  const below = sentences.length === 0 ? '' : `\n\n${sentences.join('\n')}`;
  return table(head, rows, [left, left, right, right, left, right, right, left, right]) + below;
}

const NOTHING = '–';

function explain({ row, wasSettledBefore }: Line): string | undefined {
  if (wasSettledBefore === true && row.error === undefined)
    return `this run was settled before, at ${row.changed}; nothing was done now.`;
  if (row.error !== undefined) return printable(row.error.message);
  if (row.duplicateOf !== undefined) return `${duplicateNote(row)} ${row.duplicateOf}, which counts.`;
  return undefined;
}

function shares({ classes = [] }: LedgerRow): string {
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return NOTHING;
  return classes.map(({ name, count }) => `${dim(printable(name))} ${Math.round((100 * count) / total)} %`).join('  ');
}

/** A count with its thousands apart. */
export function number(value: number | undefined): string {
  return value?.toLocaleString('en-US') ?? NOTHING;
}
