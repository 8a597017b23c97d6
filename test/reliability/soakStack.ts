import { memoryOfTree, processorTimeBelow } from '../../bench/processTree.ts';
import { promotedModel } from '../../cli/models/model.ts';
import { sceneEventSchema } from '../../core/base/messages.ts';
import { coresToUse, startStack } from '../../local/stack/stack.ts';

/**
 * The embedded stack as a process of its own: what `swath start --empty` brings up, without the console, and with short
 * time-outs. It tells whoever started it how far it has come and what it takes.
 */

const [dataDir = '', seconds = ''] = process.argv.slice(2);

export type Told =
  | { up: true }
  /** Executions of scenes that have ended, and what the process with all of its workers takes by now. */
  | { ended: number; rss: number; cpuMilliseconds: number; at: number }
  /** Bytes that are in use by the process, and what it has in memory with its workers, once what is not in use has been collected. */
  | { inUse: number; rssThen: number }
  | { trouble: string };
export type Asked = 'collect' | 'end';

const TELL_EVERY_MILLISECONDS = 200;
const STEP_TIMEOUTS = ['preprocessTimeout', 'inferTimeout', 'driftTimeout'];

let ended = 0;
/** Milliseconds of a processor by worker, of those that are gone, too. */
const takenBelow = new Map<number, number>();
const tell = (told: Told) => process.send?.(told);
const stack = await startStack({
  dataDir,
  command: 'npm run soak',
  cores: coresToUse(),
  parameters: Object.fromEntries(STEP_TIMEOUTS.map((name) => [name, Number(seconds)])),
  onEnd: (input) => {
    if (sceneEventSchema.safeParse(input).success) ended += 1;
  },
  onError: (key, error) => tell({ trouble: `${key}: ${error.message}` }),
});
await promotedModel(stack.folder, stack.now());
await stack.startIntake();
const progress = setInterval(tellProgress, TELL_EVERY_MILLISECONDS);
tell({ up: true });

process.on('message', async (asked: Asked) => {
  if (asked === 'collect') {
    global.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    tell({ inUse: heapUsed + external, rssThen: memory() });
    return;
  }
  clearInterval(progress);
  await stack.close();
  process.disconnect();
});

function tellProgress(): void {
  const { user, system } = process.cpuUsage();
  for (const [pid, taken] of processorTimeBelow(process.pid)) takenBelow.set(pid, taken);
  const below = [...takenBelow.values()].reduce((sum, taken) => sum + taken, 0);
  tell({ ended, rss: memory(), cpuMilliseconds: (user + system) / 1000 + below, at: performance.now() });
}

/** Of the process alone, where the system does not tell of its workers. */
function memory(): number {
  return memoryOfTree(process.pid) || process.memoryUsage.rss();
}
