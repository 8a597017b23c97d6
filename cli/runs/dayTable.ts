import { distance, NONE, orNone } from '../../charts/format.ts';
import { largest } from '../../core/base/text/largest.ts';
import { addTotals, noTotals, totalsOfRun } from '../../core/drift/totals.ts';
import { judgeDrift, type Limits, type NamedShare, sharesOf } from '../../core/drift/window.ts';
import type { CountedRun } from '../../core/ledger/ledgerItem.ts';
import { duplicateNote, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import type { AlarmChange } from '../../local/alarms/alarms.ts';
import { aligned, coloured, dim, printable, width } from '../terminal/output.ts';
import { number, qualityNote } from './report.ts';

const SCORES = ['drift', 'noise floor', 'verdict'];

/** A table that grows by a line as each day closes: its columns are at once as wide as they will ever need to be. */
export function makeDayTable(model: ModelPackage, limits: Limits) {
  const none = sharesOf(noTotals(model), model);
  /** By the reference, so that the columns stay the same. */
  const shown = (shares: readonly NamedShare[]) => largest(shares, ({ reference }) => reference);
  const classes = model.classes.length === 0 ? [] : shown(none).map(({ name }) => printable(name));
  const estimate = shownOf(model).estimate;
  const isEstimated = model.heldOut !== undefined && estimate !== undefined;
  const head = ['day', 'files', 'chips', ...classes, ...(isEstimated ? ['estimated'] : []), ...SCORES];
  const widths = head.map((title) => Math.max(width(title), 5));
  widths[0] = 'YYYY-MM-DD'.length;
  const alignment = head.map((title) => (title === 'day' || title === 'verdict' ? 'l' : 'r')).join('');
  const line = (cells: string[]) => aligned(cells, widths, alignment);

  return {
    head: line(head.map(dim)),
    line: ({ name, runs }: { name: string; runs: CountedRun[] }): string => {
      const totals = runs.map((run) => totalsOfRun(run)).reduce(addTotals, noTotals(model));
      const judgement = judgeDrift(totals, model, limits);
      const { shares, drift, chips } = judgement;
      return line([
        name,
        number(runs.length),
        number(chips),
        ...(classes.length === 0 ? [] : shown(sharesOf(totals, model))).map(({ share }) =>
          shares === null ? NONE : rounded(share),
        ),
        ...(isEstimated ? [orNone(estimate(judgement, model)?.value, rounded)] : []),
        ...[drift?.jensenShannon, drift?.noiseFloor].map((score) => orNone(score, distance)),
        orNone(drift?.verdict, coloured),
      ]);
    },
    note: (time: string, text: string): string => `${' '.repeat(widths[0]! + 2)}${dim(time)}  ${text}`,
  };
}

const rounded = (share: number): string => `${Math.round(100 * share)} %`;

/** Describes a run that is not simply done; undefined for one that is. */
export function runNote(row: LedgerRow): string | undefined {
  const { state, scene, chips, duplicateOf, error } = row;
  const quality = qualityNote(row);
  return state === 'DONE' && quality === undefined ? undefined : `${coloured(state)} ${printable(sentence())}`;

  function sentence(): string {
    const { key } = scene;
    if (error !== undefined) return error.message.startsWith(`${key}:`) ? error.message : `${key}: ${error.message}`;
    if (quality !== undefined) return `${key}: ${quality}`;
    if (duplicateOf !== undefined) return `${key}: ${duplicateNote(row)} ${duplicateOf}, which counts.`;
    return state === 'EMPTY' ? `${key}: all of its ${number(chips)} chips are blank.` : `${key}: it is in progress.`;
  }
}

/** Describes an alarm's change: with the name of its e-mail, or else, if it went off, with the reason. */
export function alarmNote({ id, state, reason, email }: AlarmChange): string {
  const more = email === null ? (state === 'ALARM' ? `: ${reason}` : '') : `: e-mail ${email}.eml`;
  return `${coloured(state)} ${printable(id + more)}`;
}
