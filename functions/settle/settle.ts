import * as z from 'zod';
import { isUnusable, jsonIn, withoutCitations } from '../../core/base/errors.ts';
import { markedFolder } from '../../core/base/keys.ts';
import * as messages from '../../core/base/messages.ts';
import type { ReadPiece, VersionedObjects } from '../../core/base/objectStore.ts';
import { type LogFields, makeStep, type Work } from '../../core/base/step.ts';
import { type BatchFile, makeBatchFile } from '../../core/batches/batchFile.ts';
import { BATCH_STEP, leftOut } from '../../core/batches/batchResult.ts';
import { type End, makeBatchRows, makeEndedRow } from '../../core/batches/batchRows.ts';
import { readBatch, sceneOf } from '../../core/batches/manifest.ts';
import { shadowsOfBatch } from '../../core/batches/shadowsOfBatch.ts';
import type { Failure, Ledger } from '../../core/ledger/contract.ts';
import { dueByBatch, makeEnding } from '../../core/ledger/dueDays.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { type HoldsBatches, keepBatch } from '../../core/ledger/openBatches.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import { failed, falseIfLost } from '../../core/ledger/runs.ts';
import { SHADOW_STEP, shadowRow } from '../../core/ledger/shadowRuns.ts';
import type { WaitingDuplicatesPorts } from '../../core/ledger/startAttempt.ts';
import { FEW_DUPLICATES, makeStartWaitingDuplicates } from '../../core/ledger/startAttempt.ts';
import { isRunning } from '../../core/ledger/states.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import type { Models } from '../../core/releases/contract.ts';
import { takersOf } from '../../core/releases/serving.ts';
import { type FailRunPorts, failRun } from '../../core/results/failRun.ts';
import type { Content } from '../../core/results/predictionColumns.ts';

export type SettlePorts = SettleBatchPorts & SettleRunPorts & SettleShadowPorts;

/** Ends what has failed: a run, a batch or a shadow. */
export const settleStep = (ports: SettlePorts) => {
  const settleRun = makeSettleRun(ports);
  const settleBatch = makeSettleBatch(ports);
  const settleShadow = makeSettleShadow(ports);
  return makeStep('settle', messages.settleCallSchema, async (input, invocation, log) => {
    if ('shadow' in input) return settleShadow(input, invocation, log);
    return 'batch' in input ? settleBatch(input, invocation, log) : settleRun(input, invocation, log);
  });
};

type SettleShadowPorts = { ledger: Pick<Ledger, 'endShadow' | 'rowsOf'>; readPiece: ReadPiece; now: () => Date };

/** Records a shadow's failure on its own row, or on those of a batch's files: without alarms or retries. */
export function makeSettleShadow(ports: SettleShadowPorts): Work<messages.SettleShadowInput, { status: 'noted' }> {
  return async ({ shadow, ...input }, _invocation, log) => {
    const ended = ports.now();
    const failure = withModel(noted(log, input, SHADOW_STEP), shadow.model);
    const [rows, batch] =
      'batch' in shadow ? [await shadowsOfBatch(ports, shadow), shadow.batch.id] : [[shadow], undefined];
    for (const one of rows) {
      const row = shadowRow(one, { execution: input.execution, began: ended, ended, batch });
      await ports.ledger.endShadow({ ...row, state: 'FAILED', ...failed(row, failure, ended) });
    }
    log['runs'] = rows.length;
    return { status: 'noted' };
  };
}

export type SettleBatchPorts = VersionedObjects & {
  ledger: HoldsBatches & Pick<Ledger, 'rowsOf' | 'end' | 'nameOwners' | 'markDue' | 'byState'>;
  models: Pick<Models, 'load'>;
  readPiece: ReadPiece;
  publish: Publish;
  now: () => Date;
  attemptLimit: number;
  leaseSeconds: number;
};

/**
 * Ends a batch whose worker failed: files that have not ended become `FAILED`. Its predictions are made consistent with the ledger
 * twice: before, so that none are there for failed files, and after, because only when each file has a row can no late worker end
 * one. If a late worker has ended a file whose predictions are already removed, the batch stays open, and the next worker
 * classifies that file again. A batch that was interrupted on purpose is released as it is, without failing any file.
 */
export function makeSettleBatch(ports: SettleBatchPorts): Work<messages.SettleBatchInput, messages.BatchResult> {
  const { ledger, now } = ports;

  return async ({ batch, ...ended }, _invocation, log) => {
    log['batch'] = batch.id;
    const thrown = noted(log, ended, BATCH_STEP);
    const opened = await ledger.openBatch(batch, ended.execution, now, ports.leaseSeconds, false);
    if (opened === undefined) return leftOut(batch.files);
    if (thrown.name === 'Interrupted') {
      await ledger.releaseBatch(opened, now());
      return leftOut(batch.files);
    }
    const scenes = (await readBatch(ports.readPiece, batch))?.map(sceneOf);
    if (scenes === undefined) {
      // The next sweep finds its files that have no run.
      await ledger.closeBatch(opened);
      return leftOut(batch.files);
    }
    const rows = makeBatchRows(ledger, opened, scenes);
    await rows.read();
    const endTime = makeEnding(ports, dueByBatch(opened));
    const kept = keepBatch(ports, opened);
    const makeRow = makeEndedRow(opened, ports.attemptLimit);
    const failure = withModel(thrown, batch.model);
    const ends = scenes.filter(rows.isOpen).map((scene): End => {
      const seen = rows.rowOf(scene);
      return { seen, row: (at) => makeRow.failed({ scene, since: at, at, seen }, 'FAILED', failure) };
    });
    const file = makeBatchFile({ ...ports, assertHeld: kept.need }, opened, () => ports.models.load(batch.model));
    await file.read();
    await clean(file, rows.done());
    await rows.end(ends, async () => now());
    await clean(file, rows.done());
    const isWhole = rows.done().every(file.has);
    if (isWhole) {
      await ledger.nameOwners(rows.duplicates());
      await endTime();
      await ledger.closeBatch(opened);
    } else await ledger.releaseBatch(opened, now());
    const result = { ...rows.result(), unsettled: isWhole ? 0 : 1 };
    Object.assign(log, result);
    if (result.failed > 0) await ports.publish([await countRecentFailures(ports, 'FAILED', result.failed)]);
    return result;
  };
}

const clean = (file: BatchFile, done: readonly Content[]): Promise<unknown> =>
  file.write(done).catch((error: unknown) => {
    // Such a model cannot be loaded, so no worker can still write its predictions.
    if (!isUnusable(error) || !file.isEmpty()) throw error;
  });

export type SettleRunPorts = FailRunPorts &
  WaitingDuplicatesPorts & {
    ledger: Pick<Ledger, 'byState'>;
    models: Pick<Models, 'serving'>;
    publish: Publish;
    bulkPrefix: string;
  };

/**
 * Gives the execution a cause of one sentence. It finds the run by its scene and execution alone, so that a function
 * that died silently is settled too. If the same bytes have other keys as well, those are tried in its place.
 */
export function makeSettleRun(ports: SettleRunPorts): Work<messages.SettleInput, messages.SettleResult> {
  const { startWaitingDuplicates } = makeStartWaitingDuplicates(ports);

  return async ({ step, ...ended }, _invocation, log) => {
    const thrown = noted(log, ended, step);
    const { name, message } = thrown;
    // Names that begin with this are reserved, and a Fail state may not use them: https://states-language.net/#error-names
    const answer = { error: name.replace(/^States\./, ''), cause: `${step}: ${message}` };
    const event = messages.sceneEventSchema.safeParse(ended.input);
    if (!event.success) return answer; // the sweep, or an input that names no scene: there is no run to settle
    const { key } = event.data.scene;
    log['key'] = key;
    if (markedFolder(key, ports.bulkPrefix) !== null) return answer; // a marker's sweep: it is no scene file
    const row = await findRow(event.data, ended.execution);
    if (row === undefined) return answer;
    log['run'] = row.run;
    const failure = withModel(thrown, row.model);
    answer.cause = `${step}: ${failure.message}`;
    const at = ports.now();
    const state = name === 'InvalidSceneFile' ? 'INVALID' : 'FAILED';
    if (isRunning(row.state)) {
      const isOurs = await failRun(ports, row, state, failure, at).then(() => true, falseIfLost);
      if (!isOurs) return answer; // another execution has taken it over, and will end it
    } else if (row.state !== state) return answer; // it was ended before its step died
    log['state'] = state;
    if (name === 'Interrupted') return answer; // a deliberate stop is not a failure
    if (state === 'FAILED') log['passedOn'] = (await startWaitingDuplicates(row, FEW_DUPLICATES)).started;
    await ports.publish([await countRecentFailures(ports, state, 1)]);
    return answer;
  };

  /** The row that this execution holds or held; if it died before its claim, the row is claimed now. */
  async function findRow(event: messages.SceneEvent, execution: string): Promise<LedgerRow | undefined> {
    const ours = (await ports.ledger.ofScene(event.scene)).find((row) => row.execution === execution);
    if (ours !== undefined) return ours;
    const { held, row } = await ports.ledger.claim({
      scene: event.scene,
      // The model that Preprocess would have chosen: the others have executions of their own, or the sweep starts them.
      model: event.model ?? takersOf(await ports.models.serving(), event.scene.key)[0]?.model ?? messages.UNASSIGNED,
      execution,
      now: ports.now(),
      leaseSeconds: 0,
      attemptLimit: ports.attemptLimit,
    });
    return held ? row : undefined;
  }
}

const thrownSchema = z.object({ errorType: z.string(), errorMessage: z.string() });

const containerSchema = z.object({ ExitCode: z.number().optional(), Reason: z.string().optional() });
/** A job that AWS Batch gives up: https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDetail.html */
const jobSchema = z.object({
  JobId: z.string(),
  StatusReason: z.string().optional(),
  Attempts: z.array(z.object({ Container: containerSchema.optional() })).optional(),
});

/** The message if the service ends a step without a cause. */
const NO_CAUSE = 'no cause was given.';

/** The state machine asks for one job: it has ended well if infer asks once more. */
const NO_OUTCOME =
  "The job in a container ended with exit code 0, and its image has written no outcome, as `swath work` does. Deploy with a batchImage that is built of Swath's Dockerfile (docs/deploy.md).";

/** Reads an error's name and message from a Cause: JSON (a function threw), plain text (the service failed) or absent. */
export function readError({ Error: name, Cause }: messages.SettleInput['error']): { name: string; message: string } {
  const job = jobSchema.safeParse(jsonIn(Cause ?? '')).data;
  if (job !== undefined) {
    const { JobId, StatusReason = NO_CAUSE, Attempts = [] } = job;
    const { ExitCode, Reason } = Attempts.at(-1)?.Container ?? {};
    const how = [ExitCode !== undefined && `exit code ${ExitCode}`, Reason, StatusReason].filter(Boolean).join('; ');
    const message = `The job ${JobId} in a container was given up after ${Math.max(1, Attempts.length)} attempts (${how}).`;
    return { name: 'JobFailed', message };
  }
  if (name === 'ContainerNeeded') return { name: 'NoOutcome', message: NO_OUTCOME };
  const message = Cause === undefined ? '' : (thrownSchema.safeParse(jsonIn(Cause)).data?.errorMessage ?? Cause);
  return { name, message: message.trim() === '' ? NO_CAUSE : message };
}

function noted(log: LogFields, { error, execution }: Pick<messages.SettleInput, 'error' | 'execution'>, step: string) {
  const { name, message } = readError(error);
  Object.assign(log, { step, name, message: withoutCitations(message), execution });
  return { name, message, step };
}

const INFERRING_STEPS = ['Infer', BATCH_STEP, SHADOW_STEP];

/** A time-out's name in Lambda, and in Step Functions. */
const TIMED_OUT = ['Sandbox.Timedout', 'States.Timeout'];

/** A failure for the ledger; for a time-out in infer, it names the model and says what to do. */
function withModel({ name, message, step }: Failure, { name: model, version }: messages.ModelRef): Failure {
  if (!TIMED_OUT.includes(name) || !INFERRING_STEPS.includes(step)) return { name, message, step };
  const why = `The model ${model} ${version} was at work: make it smaller, or its batches by mlm:batch_size_suggestion, under a new version; promote another one; or give infer more time (inferTimeout).`;
  return { name, message: `${message === NO_CAUSE ? 'infer ran out of time.' : message} ${why}`, step };
}
