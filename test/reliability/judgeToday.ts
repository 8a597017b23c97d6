import { startStack } from '../../local/stack/stack.ts';

/**
 * A day is judged once it is over: the sweep of tomorrow morning, by the stack's own clock. Nobody may have the folder. What has
 * attempts left is tried today: a run that is claimed first tomorrow would be tomorrow's.
 */
export async function judgeToday(dataDir: string): Promise<void> {
  const stack = await startStack({ dataDir, command: 'a test' });
  await stack.sweep();
  const midnight = new Date(stack.now()).setUTCHours(24, 0, 0, 0);
  stack.clock.set(new Date(midnight + 20 * 60_000));
  await stack.sweep();
  await stack.close();
}
