import { promotedModel } from '../../cli/model.ts';
import { sceneEventSchema } from '../../functions/shared/messages.ts';
import { coresToUse, startStack } from '../../local/stack.ts';

/**
 * The embedded stack as a process of its own: what `swath start --empty` brings up, without the console, and with short
 * time-outs. It tells whoever started it how far it has come and what it takes.
 */

const [dataDir = '', seconds = ''] = process.argv.slice(2);

export type Told =
  | { up: true }
  /** Executions of scenes that have ended, and what the process with all of its threads takes by now. */
  | { ended: number; rss: number; cpuMilliseconds: number; at: number }
  /** Bytes that are in use by the main thread, and the process's own, once what is not in use has been collected. */
  | { inUse: number; rssThen: number }
  | { trouble: string };
export type Asked = 'collect' | 'end';

const TELL_EVERY_MILLISECONDS = 200;
const STEP_TIMEOUTS = ['preprocessTimeout', 'inferTimeout', 'driftTimeout'];

let ended = 0;
const tell = (told: Told) => process.send?.(told);
const stack = await startStack({
  dataDir,
  command: 'npm run soak',
  cores: coresToUse(),
  parameters: Object.fromEntries(STEP_TIMEOUTS.map((name) => [name, Number(seconds)])),
  onEnd: (input) => {
    if (sceneEventSchema.safeParse(input).success) ended += 1;
  },
  onTrouble: (key, error) => tell({ trouble: `${key}: ${error.message}` }),
});
await promotedModel(stack.folder, stack.now());
await stack.startIntake();
const progress = setInterval(tellProgress, TELL_EVERY_MILLISECONDS);
tell({ up: true });

process.on('message', async (asked: Asked) => {
  if (asked === 'collect') {
    global.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    tell({ inUse: heapUsed + external, rssThen: rss });
    return;
  }
  clearInterval(progress);
  await stack.close();
  process.disconnect();
});

function tellProgress(): void {
  const rss = process.memoryUsage.rss();
  const { user, system } = process.cpuUsage();
  tell({ ended, rss, cpuMilliseconds: (user + system) / 1000, at: performance.now() });
}
