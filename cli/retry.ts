import { makeRetry, NotRetryable } from '../functions/retry/retry.ts';
import { jsonLine } from '../functions/shared/jsonLine.ts';
import { isUnassigned } from '../functions/shared/run.ts';
import { WrongUse } from './failure.ts';
import { type Where, withService } from './ledger.ts';
import { summaryTable, toJson } from './report.ts';
import { unknownRun } from './show.ts';

const LOOK_MILLISECONDS = 250;

/** `swath retry RUN`: one more attempt of a failed run, even where its attempts are used up. */
export async function retry(run: string, where: Where): Promise<void> {
  await withService(where, async ({ ledger, executions, results, now }) => {
    const row = await ledger.byRun(run);
    if (row === undefined) throw unknownRun(run, where);
    const { execution } = await makeRetry({ ledger, executions, now })(run).catch(asWrongUse);
    while ((await executions.describe(execution)).status === 'RUNNING') await pause();
    // A file without a model gets a run of its own once one is promoted; the row that stood in for it then goes.
    const ended = (await ledger.ofScene(row.scene)).find((one) => one.execution === execution) ?? row;
    if (isUnassigned(row.model) && !isUnassigned(ended.model)) await ledger.forget(row);
    const file = ended.scene.key;
    console.log(where.json === true ? jsonLine(toJson(file, ended, results)) : summaryTable([{ file, row: ended }]));
    process.exitCode = ended.state === 'FAILED' || ended.state === 'INVALID' ? 1 : 0;
  });
}

function asWrongUse(error: unknown): never {
  throw error instanceof NotRetryable ? new WrongUse(error.message, { cause: error }) : error;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
}
