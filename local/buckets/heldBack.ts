import type { Executions } from '../../core/base/executions.ts';
import { lastWordEventSchema } from '../../core/base/messages.ts';

const LOOK_EVERY_MILLISECONDS = 1000;
/** The longest delay; longer ones come from a clock that has been set back since. */
const LONGEST_MILLISECONDS = 10 * 60_000;

/** Step Functions' Wait, by the stack's clock. What a stack held back at its end, the next start's sweep publishes. */
export function holdBack(executions: Executions, now: () => Date) {
  const held = new Map<string, { at: number; input: unknown }>();

  async function start(name: string, input: unknown): ReturnType<Executions['start']> {
    const event = lastWordEventSchema.safeParse(input);
    if (!event.success) return executions.start(name, input);
    if (held.has(name)) return 'known';
    held.set(name, { at: Date.parse(event.data.at), input });
    return 'started';
  }

  function look(): void {
    const time = now().getTime();
    for (const [name, { at, input }] of held) {
      if (time < at && at < time + LONGEST_MILLISECONDS) continue;
      held.delete(name);
      executions.start(name, input).catch(() => {}); // the stack is being stopped
    }
  }

  const timer = setInterval(look, LOOK_EVERY_MILLISECONDS).unref();
  return { executions: { ...executions, start } satisfies Executions, look, stop: () => clearInterval(timer) };
}
