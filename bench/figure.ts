import { max, median, min } from 'simple-statistics';

/** One line of a table: what was measured, and beside it what it could be at best, from the same rounds. */
export type Figure = {
  name: string;
  unit: string;
  measured: Spread;
  beside: Beside[];
  goal?: { text: string; isReached: boolean };
};

/** What a figure is held against; `ratio` is the figure as a multiple of it, round by round. */
export type Beside = { name: string; measured: Spread; ratio: Spread };

/** What a figure has to reach: by its own value, or by its ratio to the first that it stands beside. */
export type Goal = { of: 'value' | 'ratio'; atLeast?: number; atMost?: number };

/** What a figure stands beside, by their names, and its goal. */
type More = { beside?: Record<string, readonly number[]>; goal?: Goal | undefined };

/** A figure of measured rounds; those of a limit are the same rounds. */
export function measured(name: string, unit: string, values: readonly number[], more: More = {}): Figure {
  const { beside = {}, goal } = more;
  const ratioTo = (limits: readonly number[]) => spread(values.map((value, round) => value / limits[round]!));
  const limits = Object.entries(beside).map(
    ([name, limits]): Beside => ({ name, measured: spread(limits), ratio: ratioTo(limits) }),
  );
  const figure = { name, unit, measured: spread(values), beside: limits };
  return goal === undefined ? figure : { ...figure, goal: judged(figure, goal) };
}

/** A figure that is counted or computed from counts, so that one round tells it. */
export function counted(name: string, unit: string, value: number, atMost?: number): Figure {
  return measured(name, unit, [value], { goal: atMost === undefined ? undefined : { of: 'value', atMost } });
}

function judged(
  { measured: own, beside, unit }: Pick<Figure, 'measured' | 'beside' | 'unit'>,
  { of, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Goal,
): NonNullable<Figure['goal']> {
  const [first] = beside;
  if (of === 'ratio' && first === undefined) throw new Error('a goal for a ratio to nothing');
  const { median } = of === 'ratio' ? first!.ratio : own;
  const bound = Number.isFinite(atLeast) ? `≥ ${atLeast}` : `≤ ${atMost}`;
  const text = of === 'ratio' ? `${bound} × ${first!.name}` : `${bound} ${unit}`;
  return { text, isReached: median >= atLeast && median <= atMost };
}

/** What several rounds came to. */
export type Spread = { median: number; least: number; most: number; rounds: number };

/** The middle one of the rounds, or the mean of the two in the middle, with the least and the most. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('a figure without a round');
  return { median: median([...values]), least: min([...values]), most: max([...values]), rounds: values.length };
}
