import { batchInputSchema } from '../../core/base/messages.ts';
import { JOB_SECONDS } from '../../functions/infer/container/job.ts';
import { makeWork } from '../../functions/infer/container/work.ts';
import { inferStep } from '../../functions/infer/infer.ts';
import { executionArn } from '../../local/stack/arns.ts';
import { StateError } from './machine.ts';
import { between } from './schedule.ts';
import type { Ports } from './steps.ts';
import type { Violation } from './violation.ts';
import type { Worker, World } from './world.ts';

/** AWS Batch in the simulated world: jobs in containers, whose processes die, are started again, and now and then run twice. */

export type Process = Worker & { stop: () => void };

type Owner = { name: string; isDead: boolean };
type Batch = {
  world: World;
  /** What infer is given, for whoever is at work. */
  portsOf: (worker: () => Worker) => Ports;
  /** Everybody who dies with the embedded stack. */
  alive: Set<Worker>;
  abort: (execution: Owner) => void;
};

/** As a job definition says. */
const ATTEMPTS = 3;
const ATTEMPT_SECONDS = 4 * 3600;
/** Until there is room for a job: leases end meanwhile. */
const MOST_WAITING_MILLISECONDS = 1_200_000;
const TWICE_SHARE = 0.15;
/** Of containers that die, those whose host died: they are started again. */
const HOST_SHARE = 0.5;

type Ended = 'done' | 'again' | 'host' | 'failed';

export function makeJobs({ world, portsOf, alive, abort }: Batch) {
  const { schedule, random, faults } = world;
  let processes = 0;
  const violations: Violation[] = [];
  const underWay = new Set<{ execution: Owner; batch: string | undefined }>();

  /** Resolves when the job has ended; what Step Functions hears of its failure is thrown. */
  async function run(execution: Owner, message: unknown): Promise<object> {
    const { Command } = (message as { ContainerOverrides: { Command: string[] } }).ContainerOverrides;
    const key = Command[1]!;
    const own = { execution, batch: batchOf(key) };
    for (const { execution: by, batch } of underWay)
      if (by !== execution && !by.isDead && batch !== undefined && batch === own.batch)
        violations.push({ rule: 14, what: `${execution.name} started the job ${key}, for which ${by.name} waits` });
    underWay.add(own);
    return runOne(execution, key).finally(() => underWay.delete(own));
  }

  function batchOf(key: string): string | undefined {
    const message = JSON.parse(new TextDecoder().decode(world.results.get(key)));
    return batchInputSchema.safeParse(message).data?.batch.id;
  }

  async function runOne(execution: Owner, key: string): Promise<object> {
    await schedule.pause(between(random, 0, MOST_WAITING_MILLISECONDS));
    for (let attempts = 1; ; attempts += 1) {
      if (random() < TWICE_SHARE) void start(execution, key); // whose end nobody hears of
      const ended = await start(execution, key);
      if (ended === 'done') return {};
      if (ended === 'failed' || attempts === ATTEMPTS) {
        const Attempts = [{ Container: { ExitCode: ended === 'again' ? 75 : 137 } }];
        const cause = { JobId: key, Attempts, StatusReason: 'Essential container in task exited' };
        throw new StateError('States.TaskFailed', JSON.stringify(cause));
      }
      await schedule.pause(between(random, 1000, 60_000));
    }
  }

  function start(execution: Owner, key: string): Promise<Ended> {
    processes += 1;
    const stopping = new AbortController();
    return new Promise((resolve) => {
      const die = () => {
        me.isDead = true;
        alive.delete(me);
        resolve(random() < HOST_SHARE ? 'host' : 'failed');
      };
      const me: Process = {
        role: 'work',
        execution: executionArn(execution.name),
        label: `work ${processes} of ${execution.name.slice(-8)}`,
        isDead: false,
        isOld: faults.isActive(),
        timeoutSeconds: ATTEMPT_SECONDS,
        die,
        abort: () => abort(execution),
        stop: () => stopping.abort(),
      };
      alive.add(me);
      const forget = schedule.after(ATTEMPT_SECONDS * 1000, () => {
        faults.count();
        resolve('failed');
        // Batch ends it; or its host is cut off, and it goes on unaware.
        if (random() < 0.6) die();
      });
      // A Spot instance is taken back.
      if (faults.isActive() && random() < 0.05) schedule.after(between(random, 0, 5000), me.stop);
      const ports = portsOf(() => me);
      const pause = (milliseconds: number) => schedule.pause(milliseconds);
      const work = makeWork({
        ...ports,
        infer: inferStep(ports),
        inferPart: inferStep({ ...ports, leaseSeconds: JOB_SECONDS }),
        pause,
      });
      const deadline = schedule.trueNow().getTime() + 1e12;
      const remainingSeconds = () => (deadline - schedule.trueNow().getTime()) / 1000;
      let hasFailed = false;
      work(key, { remainingSeconds, signal: stopping.signal })
        .then(
          (isDone): Ended => (isDone ? 'done' : 'again'),
          (): Ended => {
            hasFailed = true;
            return 'failed';
          },
        )
        .then((ended) => {
          forget();
          alive.delete(me);
          if (me.isDead) return;
          if (!(hasFailed && me.wasStruck)) world.onEnd(me);
          resolve(ended);
        });
    });
  }

  return { run, violations };
}

/** What AWS Batch answers a request. */
export function batchError(kind: 'transient' | 'throttle' | 'permanent'): StateError {
  const name = {
    transient: 'Batch.ServerException',
    throttle: 'Batch.TooManyRequestsException',
    permanent: 'Batch.ClientException',
  }[kind];
  return new StateError(name, `${name} happened.`);
}
