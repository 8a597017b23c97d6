import type { LedgerRow } from '../functions/shared/ledgerRow.ts';
import { isUnassigned } from '../functions/shared/run.ts';
import { WrongUse } from './failure.ts';
import { type Where, withService } from './ledger.ts';
import { predictionPaths, toLedgerJson } from './report.ts';
import { bold, coloured, dim, pairs, printable, table } from './text.ts';

/** `swath show RUN`: the whole story of one run. */
export async function show(run: string, where: Where): Promise<void> {
  await withService(where, async ({ ledger, results }) => {
    const row = await ledger.byRun(run);
    if (row === undefined) throw unknownRun(run);
    console.log(where.json === true ? JSON.stringify(toLedgerJson(row, results)) : storyOf(row, results));
  });
}

export function unknownRun(run: string): WrongUse {
  return new WrongUse(`the ledger knows no run ${JSON.stringify(run)}. "swath runs" lists those that it knows.`);
}

function storyOf(row: LedgerRow, results: string | null): string {
  const { scene, drift, milliseconds: took } = row;
  const facts: [string, string | undefined][] = [
    ['state', `${coloured(row.state)} since ${row.changed}`],
    ['file', printable(scene.key)],
    ['version', printable(scene.versionId)],
    ['bucket', printable(scene.bucket)],
    ['model', isUnassigned(row.model) ? 'none was promoted' : printable(`${row.model.name} ${row.model.version}`)],
    ['attempt', `${row.attempt} of ${row.attemptLimit}, claimed ${row.claimedAt}`],
    ['size', row.size === undefined ? undefined : `${row.size.toLocaleString('en-US')} bytes`],
    ['digest', row.digest && `sha256:${row.digest}`],
    ['chips', row.chips === undefined ? undefined : `${row.chips.toLocaleString('en-US')}, ${row.blank} of them blank`],
    ['duplicate of', row.duplicateOf],
    [
      'drift',
      drift
        ? `${coloured(drift.verdict)}: ${drift.jensenShannon.toFixed(4)} with a noise floor of ${drift.noiseFloor.toFixed(4)} at n = ${drift.n}`
        : undefined,
    ],
    [
      'chi-square',
      drift
        ? `${drift.chiSquare.statistic?.toFixed(3) ?? 'infinite'} at ${drift.chiSquare.degreesOfFreedom} degrees of freedom, p = ${drift.chiSquare.pValue.toPrecision(3)}`
        : undefined,
    ],
    ['PSI', drift?.psi.toFixed(4)],
    ['mean probability', row.meanProbability?.toFixed(4)],
    [
      'missing',
      row.missingShare === undefined || row.missingShare === null
        ? undefined
        : `${(100 * row.missingShare).toFixed(2)} %`,
    ],
    [
      'milliseconds',
      took &&
        Object.entries(took)
          .map(([step, value]) => `${step} ${value}`)
          .join(', '),
    ],
    ['execution', row.execution],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  return [
    bold(`run ${row.run}`),
    pairs(known),
    ...(row.classes?.some(({ count }) => count > 0) ? ['', classTable(row)] : []),
    ...(results === null ? [] : predictionPaths(row, results).map((path) => `${dim('predictions')} ${path}`)),
    ...(row.error
      ? [
          bold(`${row.error.name} in ${row.error.step}, attempt ${row.error.attempt}, ${row.error.at}`),
          `  ${printable(row.error.message)}`,
          wayOut(row),
        ]
      : []),
  ].join('\n');
}

function classTable({ classes = [] }: LedgerRow): string {
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  const rows = classes.map(({ name, count }) => [
    `  ${printable(name)}`,
    count.toLocaleString('en-US'),
    `${((100 * count) / total).toFixed(1)} %`,
  ]);
  return table(['  class', 'chips', 'share'], rows, ['left', 'right', 'right']);
}

function wayOut(row: LedgerRow): string {
  if (row.state === 'INVALID') return dim('This file can never work. Send a mended one: it is a run of its own.');
  const again =
    row.attempt < row.attemptLimit ? 'The next sweep tries it again; now: ' : 'Its attempts are used up. One more: ';
  return dim(`${again}npx swath retry ${row.run}`);
}
