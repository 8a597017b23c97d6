import { jsonLine } from '../functions/shared/jsonLine.ts';
import { isRunning, type LedgerRow } from '../functions/shared/ledgerRow.ts';
import { isUnassigned } from '../functions/shared/run.ts';
import type { LogLine } from '../observability/logs.ts';
import type { Service } from '../observability/service.ts';
import { sentenceOf, WrongUse } from './failure.ts';
import { withService } from './ledger.ts';
import { asText, toJson as lineToJson } from './logs.ts';
import { predictionPaths, toLedgerJson } from './report.ts';
import { bold, coloured, dim, pairs, printable, table } from './text.ts';
import { commandFor, type Where } from './where.ts';

/** `swath show RUN`: the whole story of one run. */
export async function show(run: string, where: Where): Promise<void> {
  await withService(where, async (service) => {
    const { ledger, results } = service;
    const row = await ledger.byRun(run);
    if (row === undefined) throw unknownRun(run, where);
    const lines = await linesOf(service, row);
    if (where.json === true)
      console.log(jsonLine({ ...toLedgerJson(row, results), logs: lines?.map(lineToJson) ?? null }));
    else console.log([storyOf(row, results, where), ...logOf(row, lines, where)].join('\n'));
  });
}

/** So many of a run's log lines are shown. */
const LINES = 50;
/** A step that dies before its claim has logged before it, and one that publishes at last does so after its end. */
const AROUND_MILLISECONDS = 2 * 60_000;

/** What the functions have logged of a run, by its last attempt; null where that cannot be read, which is said. */
async function linesOf({ readLogs, now }: Service, row: LedgerRow): Promise<LogLine[] | null> {
  const end = isRunning(row.state) ? now().getTime() : Date.parse(row.changed);
  const span = { from: Date.parse(row.claimedAt) - AROUND_MILLISECONDS, to: end + AROUND_MILLISECONDS };
  try {
    return await readLogs.read({ run: row.run, limit: LINES, from: new Date(span.from), to: new Date(span.to) });
  } catch (error) {
    console.error(`swath: the run's log lines cannot be read: ${sentenceOf(error)}`);
    return null;
  }
}

function logOf({ run }: LedgerRow, lines: LogLine[] | null, where: Where): string[] {
  if (lines === null) return [];
  if (lines.length === 0) return ['', dim('No log line of these days names it.')];
  const more =
    lines.length < LINES ? [] : [dim(`There may be more: ${commandFor(where, `logs --run ${run} --since 30d`)}`)];
  return ['', bold('log'), ...lines.map((line) => `  ${asText(line)}`), ...more];
}

export function unknownRun(run: string, where: Where): WrongUse {
  return new WrongUse(
    `the ledger knows no run ${JSON.stringify(run)}. "${commandFor(where, 'runs')}" lists those that it knows.`,
  );
}

function storyOf(row: LedgerRow, results: string | null, where: Where): string {
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
    ['execution', printable(row.execution)],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  return [
    bold(`run ${row.run}`),
    pairs(known),
    ...(row.classes?.some(({ count }) => count > 0) ? ['', classTable(row)] : []),
    ...(results === null
      ? []
      : predictionPaths(row, results).map((path) => `${dim('predictions')} ${printable(path)}`)),
    ...(row.error
      ? [
          bold(printable(`${row.error.name} in ${row.error.step}, attempt ${row.error.attempt}, ${row.error.at}`)),
          `  ${printable(row.error.message)}`,
          wayOut(row, where),
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

function wayOut(row: LedgerRow, where: Where): string {
  if (row.state === 'INVALID') return dim('This file can never work. Send a mended one: it is a run of its own.');
  const again =
    row.attempt < row.attemptLimit ? 'The next sweep tries it again; now: ' : 'Its attempts are used up. One more: ';
  return dim(`${again}${commandFor(where, `retry ${row.run}`)}`);
}
