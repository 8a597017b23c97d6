import written from '../../charts/driftWords.json' with { type: 'json' };
import { counted, figureText } from '../../charts/format.ts';
import { accuracyOfRun } from '../../console/answers/drift.ts';
import { shadowsOf } from '../../console/answers/run.ts';
import type { Service } from '../../console/service.ts';
import { isUnassigned } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { largest } from '../../core/base/text/largest.ts';
import { precise } from '../../core/base/text/numbers.ts';
import { acquiredText } from '../../core/base/time/acquiredText.ts';
import { referenceText, scenesText } from '../../core/drift/driftText.ts';
import { numbersOf } from '../../core/drift/totals.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { type ToldViolation, toldViolations } from '../../core/measures/bands/toldViolations.ts';
import { ofThem } from '../../core/measures/blanks/mask.ts';
import { measuresOfRow } from '../../core/measures/registry.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { rasterText } from '../../core/scenes/raster/rasterText.ts';
import { refusedText, warningsText } from '../../core/scenes/refusedText.ts';
import { classesIn, summaryIn } from '../../core/tasks/registry.ts';
import type { Accuracy } from '../../core/tasks/shown.ts';
import { shownOfSum } from '../../core/tasks/shownRegistry.ts';
import type { LogLine } from '../../observability/logs.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { type Known, nextSteps } from '../terminal/nextSteps.ts';
import { bold, COLUMNS, coloured, dim, pairs, printable, sentenceOf, table, wrapped } from '../terminal/output.ts';
import { figuresJson } from './accuracy.ts';
import { asText, toJson as lineToJson } from './logs.ts';
import { briefOf, failuresOf, number, predictionPaths, resultPaths, toLedgerJson } from './report.ts';
import { runNamed } from './runNamed.ts';

export async function show(run: string, where: Where): Promise<void> {
  await withService(where, async (service) => {
    const row = await runNamed(service, run, where);
    const { results, now, executions, inboxPrefix } = service;
    const [lines, owner, duplicates, shadows, execution, isTrial, model] = await Promise.all([
      linesOf(service, row),
      row.state === 'DUPLICATE' && row.duplicateOf ? service.ledger.byRun(row.duplicateOf) : undefined,
      waitingDuplicatesOf(service, row),
      shadowsOf(service, row),
      isRunning(row.state) ? executions.describe(row.execution).catch(said('its execution cannot be read')) : undefined,
      service.models.isTrial(row.model),
      row.summary === undefined ? null : service.models.load(row.model).catch(noneIfUnusable),
    ]);
    const violations = model === null ? [] : toldViolations(measuresOfRow(row), model);
    const accuracy = accuracyOfRun(model, row);
    if (where.json === true) {
      const beside = {
        owner: owner ? { run: owner.run, state: owner.state, file: owner.scene.key } : null,
        shadows: shadows.map(({ run: id, model, state }) => ({ run: id, model, state })),
        executionStatus: execution?.status ?? null,
        truth: accuracy && figuresJson(accuracy),
        violations,
        logs: lines?.map(lineToJson) ?? null,
      };
      return console.log(jsonLine({ ...toLedgerJson(row, results), ...beside }));
    }
    const known = { row, owner, execution, isTrial, inboxPrefix, now: now() };
    console.log(
      withLog(storyOf({ ...known, duplicates, shadows, violations, accuracy, results, where }), row, lines, where),
    );
  });
}

/** Keys of the first few duplicates that wait for a run: the same bytes under other names. */
async function waitingDuplicatesOf({ ledger }: Service, { run }: LedgerRow): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of ledger.waitingDuplicatesOf(run)) if (keys.push(key) > MOST_WAITING_DUPLICATES) break;
  return keys;
}

/** Log lines can precede the claim, if a step dies before it, and follow the end, if it publishes last. */
const AROUND_MILLISECONDS = 2 * 60_000;

/** The functions' log lines of a run's last attempt; null if they cannot be read. */
async function linesOf({ readLogs, now }: Service, row: LedgerRow): Promise<LogLine[] | null> {
  const end = isRunning(row.state) ? now().getTime() : Date.parse(row.changed);
  const from = new Date(Date.parse(row.claimedAt) - AROUND_MILLISECONDS);
  const to = new Date(end + AROUND_MILLISECONDS);
  return readLogs.read({ run: row.run, limit: 50, from, to }).catch(said("the run's log lines cannot be read"));
}

/** Prints the problem, and lets the rest be shown without this part. */
function said(what: string) {
  return (error: unknown): null => {
    console.error(`swath: ${what}: ${sentenceOf(error)}`);
    return null;
  };
}

/** How many of the newest log lines are shown; `--json` has all that were read. */
const SHOWN_LINES = 15;

export function withLog(story: string[], { run }: LedgerRow, lines: LogLine[] | null, where: Where): string {
  if (lines === null) return story.join('\n');
  if (lines.length === 0) return [...story, '', dim('There are no log lines of it from these days.')].join('\n');
  const shown = lines.slice(-SHOWN_LINES).map((line) => {
    const { run: _, execution, ...fields } = line.fields;
    return `  ${asText({ ...line, fields })}`;
  });
  const isAll = shown.length === lines.length;
  const more = isAll ? [] : [dim(`There may be more: ${commandFor(where, `logs --run ${run} --since 30d`)}`)];
  return [...story, '', bold('log'), ...shown, ...more].join('\n');
}

export type Story = Known & {
  duplicates?: string[];
  shadows?: LedgerRow[];
  /** The data quality rules that its source bands break, and how right it was; none if its package is gone. */
  violations?: ToldViolation[];
  accuracy?: Accuracy | null;
  /** The path of the results bucket, if it is a folder on this machine. */
  results: string | null;
  where: Where;
};

const MOST_VIOLATIONS = 2;

/** Describes a run: what it is, its result, how its attempts failed, and what to do now. */
export function storyOf(story: Story): string[] {
  const { row, where } = story;
  return [
    bold(`run ${row.run}`),
    pairs(factsOf(story)),
    ...classLines(row),
    ...accuracyLines(story),
    ...violationLines(story),
    ...failureLines(row),
    '',
    bold('what now'),
    ...nextSteps(story, where),
  ];
}

function factsOf(story: Story): [string, string][] {
  const { row, owner, now, duplicates = [] } = story;
  const { scene, milliseconds: took } = row;
  const few = duplicates.slice(0, MOST_WAITING_DUPLICATES);
  const until = (row.lease ?? '') < now.toISOString() ? 'over since' : 'until';
  const sum = row.state === 'DONE' ? summaryIn(row) : undefined;
  const missing = sum && numbersOf(sum).missingShare;
  const times = took && Array.from(Object.entries(took), ([step, each]) => `${step} ${precise(each!)}`).join(', ');
  const first = owner ? ` ${coloured(owner.state)}  ${printable(owner.scene.key)}` : '';
  const titled = (path: string): [string, string] => [path.endsWith('.json') ? 'STAC Item' : 'map', printable(path)];
  const facts: [string, string | undefined][] = [
    ['state', `${coloured(row.state)} since ${row.changed}`],
    ['file', printable(scene.key)],
    ['version', printable(scene.versionId)],
    ['bucket', printable(scene.bucket)],
    ['door', doorOf(scene)],
    ['model', isUnassigned(row.model) ? 'none was promoted' : printable(`${row.model.name} ${row.model.version}`)],
    ['shadow', row.shadow === true ? 'yes: it counts nowhere' : undefined],
    ['shadows', shadowsText(story.shadows)],
    ['attempt', `${row.attempt} of ${row.attemptLimit}, claimed ${row.claimedAt}`],
    ['batch', row.batch],
    ['lease', isRunning(row.state) && row.lease !== undefined ? `${until} ${row.lease}` : undefined],
    ['size', row.size === undefined ? undefined : `${number(row.size)} bytes`],
    ['digest', row.digest && `sha256:${row.digest}`],
    ['chips', row.chips === undefined ? undefined : `${number(row.chips)}, ${ofThem(row)}`],
    ['refused', row.refused && printable(refusedText(row.refused))],
    ['warnings', row.warnings && printable(warningsText(row))],
    ['acquired', row.acquired && printable(acquiredText(row.acquired))],
    ['raster', row.raster && printable(rasterText(row.raster))],
    ['duplicate of', row.duplicateOf && `${row.duplicateOf}${first}`],
    ['duplicates', `${few.map(printable).join(', ')}${duplicates.length > few.length ? ', …' : ''}` || undefined],
    ...driftFacts(row),
    ...briefOf(row),
    ['missing', typeof missing === 'number' ? `${(100 * missing).toFixed(2)} %` : undefined],
    ['milliseconds', times],
    ['execution', printable(row.execution)],
    ['predictions', predictionsText(story)],
    ...resultPaths(row, story.results ?? '').map(titled),
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function driftFacts({ drift }: LedgerRow): [string, string][] {
  if (!drift) return [];
  if (drift.isProvisional)
    return [['drift', `${coloured(drift.verdict)}: the reference is provisional. ${written.provisional.action}`]];
  const { verdict, jensenShannon, noiseFloor, n, psi, chiSquare } = drift;
  const of = scenesText(drift);
  const statistic = chiSquare.statistic?.toFixed(3) ?? 'infinite';
  const { degreesOfFreedom: degrees, pValue } = chiSquare;
  const judged = `${coloured(verdict)}: ${jensenShannon.toFixed(4)} with a noise floor of ${noiseFloor.toFixed(4)} at n = ${n}${of === null ? '' : ` of ${of}`}${drift.season ? `, from ${referenceText(drift)}` : ''}`;
  return [
    ['drift', judged],
    ['chi-square', `${statistic} at ${degrees} degrees of freedom, p = ${pValue.toPrecision(3)}`],
    ['PSI', psi.toFixed(4)],
  ];
}

const shadowsText = (rows: LedgerRow[] = []): string | undefined =>
  rows.map(({ model, state, run }) => `${printable(model.version)} ${coloured(state)} ${run}`).join(', ') || undefined;

const MOST_WAITING_DUPLICATES = 3;

function predictionsText({ row, results }: Story): string | undefined {
  const [first, ...others] = predictionPaths(row, results ?? '');
  if (first === undefined || others.length === 0) return first && printable(first);
  return `${printable(first).replace(/-\d+\.parquet$/, '-*.parquet')} (${1 + others.length} files)`;
}

function classLines(row: LedgerRow): string[] {
  const total = row.drift?.n ?? 0;
  const named = classesIn(row);
  if (total === 0 || named.length === 0) return [];
  const sum = summaryIn(row);
  const isOfShares = sum !== undefined && shownOfSum(sum).words.isOfShares === true;
  const rows = largest(named, ({ count }) => count).map(({ name, count }) => [
    `  ${printable(name)}`,
    ...(isOfShares ? [] : [number(count)]),
    `${((100 * count) / total).toFixed(1)} %`,
  ]);
  return ['', table(isOfShares ? ['  class', 'share of pixels'] : ['  class', 'chips', 'share'], rows, 'lrr')];
}

function accuracyLines({ accuracy }: Story): string[] {
  if (!accuracy) return [];
  const figures = pairs([accuracy.figure, ...(accuracy.figures ?? [])].map((one) => [one.name, figureText(one)]));
  const sentence = wrapped(printable(accuracy.sentence), COLUMNS - 2).map((line) => `  ${line}`);
  return ['', bold('accuracy, where truth is known'), figures, ...sentence];
}

/** Lists broken data quality rules; nothing for a failed run, which lists its failures instead. */
function violationLines({ row, violations = [] }: Story): string[] {
  if (violations.length === 0 || row.error !== undefined) return [];
  const left = violations.length - MOST_VIOLATIONS;
  return [
    '',
    bold('data quality'),
    ...violations
      .slice(0, MOST_VIOLATIONS)
      .flatMap(({ band, violation, text }) => wrapped(printable(`${band}, ${violation}: ${text}.`), COLUMNS - 2, 2))
      .map((line) => `  ${line}`),
    ...(left > 0 ? [dim(`  … and ${left} more: --json tells`)] : []),
  ];
}

function failureLines(row: LedgerRow): string[] {
  const failures = failuresOf(row);
  if (failures.length === 0) return [];
  const told = failures.slice(-3);
  const before = failures.length - told.length;
  return [
    '',
    bold(row.error === undefined ? 'what failed before' : 'what failed'),
    ...(before === 0 ? [] : [dim(`  ${counted(before, 'earlier failure')}: --json tells`)]),
    ...told.flatMap(({ name, step, attempt, at, execution, message }) => {
      const by = execution === undefined ? '' : dim(`  by ${printable(execution.split(':').at(-1)!)}`);
      return [
        `  ${printable(name)} in ${printable(step)}, attempt ${attempt}, ${at}${by}`,
        ...wrapped(printable(message), COLUMNS - 4, 4).map((line) => `    ${line}`),
      ];
    }),
  ];
}
