import type { Executions } from '../core/executions.ts';
import { lastWordEventSchema } from '../core/messages.ts';

const LOOK_EVERY_MILLISECONDS = 1000;
/** Nothing is put off for longer; what seems to be was asked for by a clock that has been set back since. */
const LONGEST_MILLISECONDS = 10 * 60_000;

/**
 * Step Functions' Wait on a laptop: an execution that begins with one is held back until its time has come by the stack's own
 * clock, and starts then. Were it open all the while, whoever waits for the last execution to end would wait for it as well,
 * and so would a stop. What is held back when the stack ends is lost; the sweep of the next start publishes the same.
 */
export function holdBack(executions: Executions, now: () => Date): { executions: Executions; stop: () => void } {
  const held = new Map<string, { at: number; input: unknown }>();

  async function start(name: string, input: unknown): ReturnType<Executions['start']> {
    const event = lastWordEventSchema.safeParse(input);
    if (!event.success) return executions.start(name, input);
    if (held.has(name)) return 'name taken';
    held.set(name, { at: Date.parse(event.data.at), input });
    return 'started';
  }

  const timer = setInterval(() => {
    const time = now().getTime();
    for (const [name, { at, input }] of held) {
      if (time < at && at < time + LONGEST_MILLISECONDS) continue;
      held.delete(name);
      executions.start(name, input).catch(() => {}); // the stack is being stopped
    }
  }, LOOK_EVERY_MILLISECONDS);
  timer.unref();

  return { executions: { ...executions, start }, stop: () => clearInterval(timer) };
}
