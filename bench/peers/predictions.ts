/** What any of the servers answers for an input. */
export type Prediction = { class: string; label: number; probabilities: { readonly [name: string]: number } };

/** Two servers compute the same model on different machine code. */
const APART = 1e-4;

/** Whether two servers answer the same classes for the same inputs, with the same probabilities but for rounding. */
export function areSame(ours: readonly Prediction[], theirs: readonly Prediction[]): boolean {
  return ours.length === theirs.length && ours.every((one, i) => isSame(one, theirs[i]!));
}

function isSame(one: Prediction, other: Prediction): boolean {
  const names = Object.keys({ ...one.probabilities, ...other.probabilities });
  const near = (name: string) => Math.abs(one.probabilities[name]! - other.probabilities[name]!) <= APART;
  return one.class === other.class && one.label === other.label && names.every(near);
}
