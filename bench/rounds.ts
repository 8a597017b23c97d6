/** Each answers a figure of one round. */
export type Contestants = Record<string, (round: number) => number | Promise<number>>;

/**
 * Has the contestants go one after the other, round by round, because machines are noisy: what disturbs one round
 * disturbs all of them. Each round begins with another one, so that none always comes first. A first round warms up, and
 * does not count.
 */
export async function interleaved<Names extends Contestants>(
  rounds: number,
  contestants: Names,
  { warmUp = true, tell = (_round: number) => {} } = {},
): Promise<Record<keyof Names, number[]>> {
  const names: (keyof Names & string)[] = Object.keys(contestants);
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<keyof Names, number[]>;
  for (let round = warmUp ? 0 : 1; round <= rounds; round += 1) {
    tell(round);
    for (const i of names.keys()) {
      const name = names[(i + round) % names.length]!;
      const figure = await contestants[name]!(round);
      if (round > 0) found[name].push(figure);
    }
  }
  return found;
}
