import { randomUUID } from 'node:crypto';
import { counted } from '../../charts/format.ts';
import type { ExecutionStatus } from '../../core/base/executions.ts';
import type * as messages from '../../core/base/messages.ts';
import { fullSweepInput, sweepInput } from '../../core/base/messages.ts';
import { endsOf } from '../laptop/batchLine.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { bold, coloured, dim, print, printable, showProgress } from '../terminal/output.ts';
import { until } from './scene.ts';

type Options = Where & { follow: boolean; full?: boolean };

/** What the execution of a sweep ends with: stepfunctions/pipeline.yml. */
type Swept = {
  sweep: Pick<messages.DiscoverResult, 'started' | 'settled' | 'bulk'>;
  daily: messages.DailyDriftResult;
  reported: messages.ReportResult;
};

/** `swath sweep`: runs the daily sweep now; `--full` checks every file and every row, however old. */
export async function sweep({ follow, full = false, ...where }: Options): Promise<void> {
  await withService(where, async ({ executions, close }) => {
    const name = `sweep-${randomUUID()}`;
    await executions.start(name, full ? fullSweepInput : sweepInput);
    const execution = executions.arnOf(name);
    if (!follow) return print(where.json, { execution }, () => `A ${full ? 'full ' : ''}sweep began: ${execution}`);
    const onItsWay = where.stage === undefined ? 'The next one does the rest' : 'It continues by itself';
    using endProgress = showProgress(() => (full ? 'sweeping everything' : 'sweeping'));
    using interrupt = onInterrupt(close, `interrupted. ${onItsWay}: "${commandFor(where, 'runs')}" shows its runs.`);
    try {
      const isOver = ({ status }: ExecutionStatus) => status !== 'RUNNING';
      const ended = await until(() => executions.describe(execution), isOver, 1000);
      endProgress();
      const swept = ended.output as Swept | undefined;
      print(where.json, asJson(execution, ended, swept), () => told(ended, swept, where));
      process.exitCode = ended.status === 'SUCCEEDED' ? 0 : 1;
    } catch (error) {
      throw interrupt.stopped.aborted ? await interrupt.never() : error;
    }
  });
}

function asJson(execution: string, { status, error, cause }: ExecutionStatus, swept: Swept | undefined) {
  const { started = null, settled = null, bulk = null } = swept?.sweep ?? {};
  const { reports = [], leftOut = [] } = swept?.reported ?? {};
  const { judged = [] } = swept?.daily ?? {};
  const why = { error: error ?? null, cause: cause ?? null };
  return { execution, status, started, settled, bulk, judged, reports, leftOut, ...why };
}

function told({ status, error, cause }: ExecutionStatus, swept: Swept | undefined, where: Where): string {
  if (status !== 'SUCCEEDED')
    return [
      `${coloured('FAILED')} ${printable(`${error ?? 'the sweep'}: ${cause ?? `it is ${status.toLowerCase()}`}`)}`,
      dim(`Its log lines: ${commandFor(where, 'logs --since 15m')}`),
    ].join('\n');
  if (swept === undefined) return 'The sweep is done.';
  const { started, settled, bulk } = swept.sweep;
  const inBatches = `${counted(bulk.files, 'file')} in ${counted(bulk.batches, 'batch', 'batches')}`;
  const { judged } = swept.daily;
  const { reports, leftOut } = swept.reported;
  return [
    `${bold('The sweep is done.')} It started ${counted(started, 'run')}${settled === 0 ? '' : `, and settled ${counted(settled, 'attempt')} whose ${settled === 1 ? 'execution' : 'executions'} had ended without recording a result`}.`,
    ...(bulk.files === 0 ? [] : [`${dim('bulk')}    ${inBatches}: ${endsOf(bulk)}`]),
    ...judged.map(
      ({ day, model, verdict }) =>
        `${dim('judged')}  ${day}  ${printable(`${model.name} ${model.version}`)}  ${verdict === null ? 'nothing to judge' : coloured(verdict)}`,
    ),
    ...reports.map(({ day, key, outcome }) => `${dim('report')}  ${day}  ${printable(key)}  ${coloured(outcome)}`),
    ...leftOut.map(({ day, why }) => `${dim('no report')}  ${day}  ${printable(why)}`),
    ...(started === 0 ? [] : [dim(`See how they end: ${commandFor(where, 'runs')}`)]),
  ].join('\n');
}
