import { availableParallelism } from 'node:os';
import { AGAIN } from '../../local/stack/jobs.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { WrongUse } from '../terminal/output.ts';

/** No job is stopped by its own clock; a step divides what is left. */
const REMAINING_SECONDS = 1e9;

/** Does the job whose message is at a key of the results bucket. */
export async function work(key: string, { dataDir }: { dataDir?: string }): Promise<void> {
  const { work, close } = dataDir === undefined ? await deployedWork() : await embeddedWork(dataDir);
  const { stopped } = stopOnInterrupt();
  const started = performance.now();
  const remainingSeconds = () => REMAINING_SECONDS - (performance.now() - started) / 1000;
  if (!(await work(key, { remainingSeconds, signal: stopped }))) process.exitCode = AGAIN;
  close();
}

/** By the environment, which is that of the function infer. */
async function deployedWork() {
  if (process.env['RESULTS_BUCKET'] === undefined)
    throw new WrongUse(
      'found no deployment in the environment (RESULTS_BUCKET), allowed is the one of the function infer, as jobs on AWS Batch have it. For a running embedded stack, name its folder: --data-dir .swath',
    );
  const { inferStep } = await import('../../functions/infer/infer.ts');
  const { inferPorts } = await import('../../functions/infer/inferPorts.ts');
  const { makeWork } = await import('../../functions/infer/container/work.ts');
  const { JOB_SECONDS } = await import('../../functions/infer/container/job.ts');
  const { withoutGpu } = await import('../../functions/infer/container/onGpu.ts');
  const hasGpus = Number(process.env['BATCH_GPUS'] ?? 0) > 0;
  const { classifier, ...others } = inferPorts({ threads: availableParallelism(), device: hasGpus ? 'cuda' : 'cpu' });
  const ports = { ...others, classifier: hasGpus ? classifier : withoutGpu(classifier) };
  const inferPart = inferStep({ ...ports, leaseSeconds: JOB_SECONDS });
  return { work: makeWork({ ...ports, infer: inferStep(ports), inferPart }), close: () => {} };
}

async function embeddedWork(dataDir: string) {
  const { connectWork } = await import('../../local/stack/connectWork.ts');
  const connected = await connectWork(dataDir);
  if (connected !== undefined) return connected;
  throw new WrongUse(`--data-dir: found no embedded stack that runs on ${dataDir}. Start it: npx swath start`);
}
