/** As many names fit into a chart, a table and a line; of more, so many are shown. */
const FIT = 16;
const SHOWN = 10;

/** Of more than sixteen named things, returns the ten largest in their order, and one more with the others' sums. */
export function largest<One extends { readonly name: string }>(all: readonly One[], size: (one: One) => number): One[] {
  if (all.length <= FIT) return [...all];
  const kept = new Set(all.toSorted((a, b) => size(b) - size(a)).slice(0, SHOWN));
  const others = all.filter((one) => !kept.has(one));
  const sums = Object.entries(others[0]!).map(([field, value]) => [
    field,
    typeof value === 'number' ? others.reduce((sum, one) => sum + Number(one[field as keyof One]), 0) : value,
  ]);
  return [...kept]
    .sort((a, b) => all.indexOf(a) - all.indexOf(b))
    .concat({ ...Object.fromEntries(sums), name: othersOf(others) });
}

/** Returns a few names, or the first ten of many and how many there are besides. */
export const fewNames = (names: readonly string[]): string[] =>
  names.length <= FIT ? [...names] : [...names.slice(0, SHOWN), othersOf(names.slice(SHOWN))];

const othersOf = ({ length }: readonly unknown[]) => `others (${length})`;
