import { setTimeout } from 'node:timers/promises';

/** Requests items until none is left. After each round in which a busy service took none, it waits longer: up to 3.2 seconds. */
export async function untilNoneLeft<Item>(items: Item[], request: (left: Item[]) => Promise<Item[]>): Promise<void> {
  for (let left = items, rounds = 0; left.length > 0; ) {
    const still = await request(left);
    rounds = still.length < left.length ? 0 : Math.min(rounds + 1, 6);
    if (rounds > 0) await setTimeout(Math.random() * 50 * 2 ** rounds);
    left = still;
  }
}
