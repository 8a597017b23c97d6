import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchInput, batchResultSchema, type RunRef } from '../../../core/base/messages.ts';
import type { Results } from '../../../core/base/objectStore.ts';
import { type Invocation, isTransient, logLine, stopIfAsked } from '../../../core/base/step.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import { isLeaseOver } from '../../../core/ledger/lease.ts';
import { encode, idOfJob, JOB_SECONDS, type Job, jobSchema, type Outcome, outcomeKey, readOutcome } from './job.ts';

export type WorkPorts = Pick<Results, 'readVersion' | 'replaceVersion' | 'readResult' | 'writeResult'> & {
  ledger: Pick<Ledger, 'renew' | 'findBatch'>;
  now: () => Date;
  leaseSeconds: number;
  infer: (call: unknown, invocation: Invocation) => Promise<unknown>;
  /** The same for a part of a run, with leases of `JOB_SECONDS`: a container that died may have to wait before it is started again. */
  inferPart: (call: unknown, invocation: Invocation) => Promise<unknown>;
  pause?: (milliseconds: number) => Promise<unknown>;
};

/** The process tries so often what may soon work; then its container is to be started again. */
const TRIES = 4;
const PAUSE_MILLISECONDS = 5000;

/**
 * Does the job whose message is at `key`, and writes its outcome once: the result, or an error that somebody has to decide on.
 * A container may be started again, or twice at once: what a run's attempt has done is not done again, its writes are those of
 * the function, and of a batch only one process has the lease.
 *
 * @returns whether there is an outcome; if not, the container is to be started again
 */
export function makeWork(ports: WorkPorts) {
  const { ledger, infer, inferPart, pause = sleep } = ports;
  /** Since a part was done; a long job meets more trouble than a short one. */
  let tried = 0;

  return async (key: string, invocation: Invocation): Promise<boolean> => {
    for (tried = 1; ; tried += 1)
      try {
        await work(key, invocation);
        return true;
      } catch (caught) {
        const error = caught as Error;
        if (!isToBeTried(error)) throw error;
        logLine('work.again', { job: key, error: `${error.name}: ${error.message}`, tried });
        if (tried === TRIES || error.name === 'Interrupted') return false;
        await pause(PAUSE_MILLISECONDS * tried);
      }
  };

  async function work(key: string, invocation: Invocation): Promise<void> {
    const message = await ports.readResult(key);
    const id = idOfJob(message);
    if ((await readOutcome(ports, key, id)).outcome !== undefined) return;
    const job = jobSchema.parse(JSON.parse(new TextDecoder().decode(message)));
    const found = await perform(job, { key, id }, invocation).then(
      (result) => ({ result }),
      (error: Error) => {
        if (isToBeTried(error)) throw error;
        return { error: { name: error.name, message: error.message } };
      },
    );
    const outcome = encode({ job: id, ...found } satisfies Outcome);
    for (;;) {
      const { outcome: first, version } = await readOutcome(ports, key, id);
      if (first !== undefined) return; // of the same job, which has run twice
      if ((await ports.replaceVersion(outcomeKey(key), outcome, version)) !== null) return;
    }
  }

  function perform(job: Job, at: { key: string; id: string }, invocation: Invocation): Promise<unknown> {
    if ('run' in job) return classifyRun(job.run, at, invocation);
    return 'batch' in job ? classifyBatch(job, at, invocation) : infer(job, invocation);
  }

  /** Classifies the parts in their order, and notes how many are done: a container that is started again goes on from there. */
  async function classifyRun(run: RunRef, { key, id }: { key: string; id: string }, invocation: Invocation) {
    const { parts = 0 } = await ledger.renew(run, ports.now(), JOB_SECONDS);
    const progressKey = key.replace(/\.json$/, '.progress.json');
    const noted = await ports.readVersion(progressKey);
    const progress = noted && (JSON.parse(new TextDecoder().decode(noted.bytes)) as { job: string; done: number });
    for (let part = progress?.job === id ? progress.done : 0; part < parts; part += 1) {
      await inferPart({ run, part }, invocation);
      tried = 1;
      await ports.writeResult(progressKey, encode({ job: id, done: part + 1 }));
    }
    return null;
  }

  /** If the same job runs twice, the other process may have taken the batch: its outcome counts, unless its lease ends first. */
  async function classifyBatch(call: BatchInput, { key, id }: { key: string; id: string }, invocation: Invocation) {
    for (let isAgain = false; ; isAgain = true) {
      const [ended] = await Promise.allSettled([infer(call, invocation)]);
      const isLost = ended.status === 'rejected' && ended.reason.name === 'ClaimLost';
      const isLeft = ended.status === 'fulfilled' && batchResultSchema.parse(ended.value).leftOut === call.batch.files;
      let open = isLost || isLeft ? await ledger.findBatch(call.batch.id) : undefined;
      const wasTwins = open === undefined ? (isLost || isLeft) && !isAgain : open.execution === call.execution;
      if (!wasTwins && ended.status === 'rejected') throw ended.reason;
      if (!wasTwins && ended.status === 'fulfilled') return ended.value;
      while (open?.execution === call.execution && !isLeaseOver(open.lease, ports.now(), ports.leaseSeconds)) {
        stopIfAsked(invocation);
        await pause(PAUSE_MILLISECONDS);
        const { outcome } = await readOutcome(ports, key, id);
        if (outcome !== undefined) return outcome.result; // it is written already
        open = await ledger.findBatch(call.batch.id);
      }
    }
  }
}

/** By their names, as a step throws them. */
const isToBeTried = (error: Error): boolean =>
  isTransient(error as unknown) || /^(Interrupted|TransientTrouble|EndpointUnavailable)$/.test(error.name);
