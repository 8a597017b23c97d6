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
  | { ended: number; rss: number; heapUsed: number; cpuMilliseconds: number; at: number }
  | { trouble: string };
export type Asked = 'judge today and end';

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

process.on('message', async (_asked: Asked) => {
  clearInterval(progress);
  tellProgress();
  // A day is judged once it is over: the sweep of tomorrow morning, by the stack's own clock.
  const midnight = new Date(stack.now()).setUTCHours(24, 0, 0, 0);
  stack.clock.set(new Date(midnight + 20 * 60_000));
  await stack.sweep();
  await stack.close();
  process.disconnect();
});

function tellProgress(): void {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  tell({ ended, rss, heapUsed, cpuMilliseconds: (user + system) / 1000, at: performance.now() });
}
