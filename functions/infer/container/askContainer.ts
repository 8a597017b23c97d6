import { ContainerNeeded, InvalidModelPackage } from '../../../core/base/errors.ts';
import { type BatchInput, type InferCall, modelId, modelOfCall } from '../../../core/base/messages.ts';
import type { ReadPiece, Results } from '../../../core/base/objectStore.ts';
import type { Work } from '../../../core/base/step.ts';
import { leftOut } from '../../../core/batches/batchResult.ts';
import { readLines, sceneOf } from '../../../core/batches/manifest.ts';
import { doorOf } from '../../../core/ledger/doorOf.ts';
import type { LeasePorts } from '../../../core/ledger/lease.ts';
import type { HoldsBatches } from '../../../core/ledger/openBatches.ts';
import { encode, idOfJob, JOB_SECONDS, jobOf, keyOfJob, readOutcome } from './job.ts';

export type AskContainerPorts = Pick<Results, 'readVersion' | 'readPiece' | 'writeResult'> &
  LeasePorts & {
    ledger: Pick<HoldsBatches, 'findBatch' | 'openBatch'>;
    /** Whether there are jobs in containers: the parameter `batchImage` says so. */
    hasContainers: boolean;
  };

/**
 * Returns what a job in a container has come to, or has the state machine start it:
 *
 *   time → message ── ContainerNeeded ── the job: work ── outcome ── the same call again: its result or error
 *
 * Killed anywhere, the same call writes the same message again, or finds the outcome.
 *
 * @throws {ContainerNeeded} when there is no outcome of this attempt's job
 */
export function makeAskContainer(ports: AskContainerPorts): Work<InferCall, unknown> {
  return async (call, _invocation, log) => {
    const job = jobOf(call);
    const [key, message] = [keyOfJob(job), encode(job)];
    log['job'] = key;
    const { outcome } = await readOutcome(ports, key, idOfJob(message));
    const hold = async (seconds: number) => 'run' in call && ports.ledger.renew(call.run, ports.now(), seconds);
    if (outcome?.error !== undefined)
      throw Object.assign(new Error(outcome.error.message), { name: outcome.error.name });
    if (outcome !== undefined) {
      await hold(ports.leaseSeconds);
      return 'run' in call ? { part: call.part } : outcome.result;
    }
    const id = modelId(modelOfCall(call));
    if (!ports.hasContainers)
      throw new InvalidModelPackage(
        `${id}: its package asks for a job in a container (swath:runner, mlm:accelerator or mlm:memory_size), and this stage has none, as its parameter batchImage is empty. Deploy it with batchImage (docs/deploy.md), or promote a version that runs in the function infer.`,
      );
    // An attempt that has lost its claim starts no job. While the job waits, nobody takes the run or the batch but a sweep, and only if
    // the execution has ended: to a sweep, a lease of this length is over.
    await hold(JOB_SECONDS);
    if ('batch' in call && !(await isOurs(ports, call))) return leftOut(call.batch.files);
    await ports.writeResult(key, message);
    throw new ContainerNeeded(`${id} runs in a container: the job ${key} is to be started.`);
  };
}

/** Opens the batch for its job, but not once more: the job may be at work on it. */
async function isOurs({ ledger, now }: AskContainerPorts, { batch, execution }: BatchInput): Promise<boolean> {
  const open = await ledger.findBatch(batch.id);
  if (open?.execution === execution && open.hasJob) return true;
  return (await ledger.openBatch(batch, execution, now, JOB_SECONDS, true)) !== undefined;
}

/** Predictions that were answered over HTTP are only decoded, which needs no container. */
export async function isAnswered({ readPiece }: { readPiece: ReadPiece }, call: InferCall): Promise<boolean> {
  const of = 'shadow' in call ? call.shadow : call;
  if ('run' in of) return doorOf(of.run.scene) === 'http';
  const { manifest, offset, length } = of.batch;
  return readLines(await readPiece(manifest, offset, length)).every((line) => doorOf(sceneOf(line)) === 'http');
}
