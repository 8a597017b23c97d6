import { isRunning, type LedgerRow } from '../functions/shared/ledgerRow.ts';
import { sceneInput } from '../functions/shared/messages.ts';
import { executionName, isUnassigned } from '../functions/shared/run.ts';
import { WrongUse } from './failure.ts';
import { type Where, withService } from './ledger.ts';
import { summaryTable, toJson } from './report.ts';
import { unknownRun } from './show.ts';

const LOOK_MILLISECONDS = 250;

/** `swath retry RUN`: one more attempt of a failed run, even where its attempts are used up. */
export async function retry(run: string, where: Where): Promise<void> {
  await withService(where, async ({ ledger, executions, results }) => {
    const row = await ledger.byRun(run);
    if (row === undefined) throw unknownRun(run);
    if (row.state !== 'FAILED') throw new WrongUse(`run ${run} is ${row.state}: ${whyNot(row)}`);
    const granted = await ledger.grantAttempt(row);
    const name = executionName(run, granted.attempt + 1);
    const input = isUnassigned(row.model) ? sceneInput(row.scene) : sceneInput(row.scene, row.model);
    const started = await executions.start(name, input);
    if (started === 'name taken')
      throw new WrongUse(`attempt ${granted.attempt + 1} of run ${run} was started before; see "swath show ${run}".`);
    const execution = executions.arnOf(name);
    while ((await executions.describe(execution)).status === 'RUNNING') await pause();
    // A file without a model gets a run of its own once one is promoted; the row that stood in for it then goes.
    const ended = (await ledger.ofScene(row.scene)).find((one) => one.execution === execution) ?? row;
    if (isUnassigned(row.model) && !isUnassigned(ended.model)) await ledger.forget(row);
    const file = ended.scene.key;
    console.log(
      where.json === true ? JSON.stringify(toJson(file, ended, results)) : summaryTable([{ file, row: ended }]),
    );
    process.exitCode = ended.state === 'FAILED' || ended.state === 'INVALID' ? 1 : 0;
  });
}

function whyNot({ state, duplicateOf }: LedgerRow): string {
  if (isRunning(state)) return 'it is on its way.';
  if (state === 'INVALID') return 'the file can never work. Send a mended one: it is a run of its own.';
  if (state === 'DUPLICATE') return `the same bytes count as run ${duplicateOf}.`;
  return 'there is nothing to try again.';
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
}
