/**
 * Has the contestants go one after the other, round by round, because machines are noisy: what disturbs one round disturbs all
 * of them. Each round begins with another one, so that none always comes first. A first round warms up, and does not count.
 *
 * @returns what each has found, round by round
 */
export async function interleaved<Name extends string, Found>(
  rounds: number,
  contestants: Record<Name, (round: number) => Found | Promise<Found>>,
  tell: (round: number) => void = () => {},
): Promise<Record<Name, Found[]>> {
  const names = Object.keys(contestants) as Name[];
  const found = {} as Record<Name, Found[]>;
  for (const name of names) found[name] = [];
  for (let round = 0; round <= rounds; round += 1) {
    tell(round);
    for (const i of names.keys()) {
      const name = names[(i + round) % names.length]!;
      const figure = await contestants[name](round);
      if (round > 0) found[name].push(figure);
    }
  }
  return found;
}
