import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { doNotOutlive } from './doNotOutlive.ts';
import { interrupted } from './functions.ts';
import type { RunJob } from './stateMachine.ts';
import { FunctionError } from './workerProcess.ts';

const CLI = fileURLToPath(new URL('../../cli/swath.mjs', import.meta.url));

/** Megabytes of a job's JavaScript objects, beside which its model takes what it needs; twice Node's usual limit. */
const MEMORY = process.env['SWATH_JOB_MEMORY'] ?? '8192';

/** `swath work` ends with this code when it is to be started again: EX_TEMPFAIL of sysexits.h. */
export const AGAIN = 75;
const MOST = 3;
const PAUSE_MILLISECONDS = 1000;

/** Jobs in containers on a laptop: the same command, one process at a time, as its model may take all the memory there is. */
export function startJobs(dataDir: string, onLog: (line: string) => void) {
  const turn = pLimit(1);
  const running = new Set<ChildProcess>();
  let isStopping = false;

  async function attempt(key: string): Promise<number | string> {
    const args = [`--max-old-space-size=${MEMORY}`, '--max-semi-space-size=4', CLI, 'work', key, '--data-dir', dataDir];
    // Detached: Ctrl-C is for the stack, which tells its jobs what to do.
    const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 2] });
    doNotOutlive(child);
    running.add(child);
    child.stdout?.on('data', (lines) => onLog(String(lines)));
    const [code, signal] = await once(child, 'exit').finally(() => running.delete(child));
    return code ?? signal;
  }

  const run: RunJob = (key) =>
    turn(async () => {
      for (let attempts = 1; ; attempts += 1) {
        if (isStopping) throw interrupted();
        const ended = await attempt(key);
        if (ended === 0) return;
        if (isStopping) throw interrupted();
        // https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDetail.html, of which Step Functions makes the cause of a failure.
        const Container = typeof ended === 'number' ? { ExitCode: ended } : { Reason: `ended by ${ended}` };
        const cause = { JobId: key, Attempts: [{ Container }], StatusReason: 'Essential container in task exited' };
        if (ended !== AGAIN || attempts === MOST) throw new FunctionError('States.TaskFailed', JSON.stringify(cause));
        await pause(PAUSE_MILLISECONDS * attempts);
      }
    });

  return {
    run,
    /** Tells the job to stop after the batch in progress, and waits until its process has ended. */
    stop: async () => {
      isStopping = true;
      for (const child of running) child.kill('SIGTERM');
      await Promise.all([...running].map((child) => once(child, 'exit')));
    },
    kill: async () => {
      for (const child of running) child.kill('SIGKILL');
    },
  };
}
