import * as z from 'zod';

/**
 * What a version has to show before it is promoted in the place of another one: `swath:gate` of a package, or the stage's
 * parameter `promotionGate`. Every message says what is allowed in its place.
 */

const SHARE = 'a number from 0 to 1';
const share = z.number(SHARE).min(0, SHARE).max(1, SHARE);
const CONFIDENCE = 'a number above 0.5 and below 1';
const RATIO = 'a number above 0';
const CHIPS = 'a whole number from 1 on';

const rules = {
  /** The accuracy may be lower than the live version's by no more than that, … */
  max_accuracy_drop: share.optional(),
  /** … of which one wants to be so sure. */
  confidence: z.number(CONFIDENCE).gt(0.5, CONFIDENCE).lt(1, CONFIDENCE).optional(),
  /** The least share of the chips, or of the pixels of maps, of which both versions say the same. */
  min_agreement: share.optional(),
  /** Inferring a chip may take at most so many times as long. */
  max_time_ratio: z.number(RATIO).gt(0, RATIO).optional(),
  /** The least number of chips that both versions have classified. */
  min_chips: z.int(CHIPS).min(1, CHIPS).optional(),
};
type RuleName = keyof typeof rules;
export type GateRules = z.output<z.ZodObject<typeof rules>>;

/** What a rule may forbid; the others say how the rules are meant. */
const FORBIDDING = ['max_accuracy_drop', 'min_agreement', 'max_time_ratio'] as const satisfies readonly RuleName[];
const NAMES = Object.keys(rules) as RuleName[];

export const GATE =
  'an object with max_accuracy_drop, min_agreement or max_time_ratio, and perhaps confidence and min_chips';

/** A name that is not known is refused: a rule that nobody reads forbids nothing. */
export const gateSchema = z
  .strictObject(rules, { error: ({ code }) => (code === 'unrecognized_keys' ? `${GATE}, and nothing else` : GATE) })
  .refine((gate: GateRules) => !isOpen(gate), `at least one of ${FORBIDDING.join(', ')}`);

/** Whether the rules forbid nothing. */
export function isOpen(gate: GateRules): boolean {
  return FORBIDDING.every((name) => gate[name] === undefined);
}

/**
 * The rules as a parameter of a stage has them: `max_accuracy_drop=0.02,min_agreement=0.9`. An empty text is no rule.
 *
 * @throws {RangeError} with what was found and what is allowed
 */
export function parseGate(text: string): GateRules {
  if (text === '') return {};
  const entries = text.split(',').map((entry): [string, number] => {
    const [name = '', value = '', ...more] = entry.split('=');
    return [name.trim(), value.trim() === '' || more.length > 0 ? Number.NaN : Number(value)];
  });
  const isTwice = new Set(entries.map(([name]) => name)).size < entries.length;
  const { success, data, error } = gateSchema.safeParse(Object.fromEntries(entries));
  if (success && !isTwice) return data;
  const [issue] = error?.issues ?? [];
  const where = issue?.path[0] === undefined ? '' : `${String(issue.path[0])} is `;
  throw new RangeError(`found ${JSON.stringify(text)}, allowed is ${where}${issue?.message ?? 'each name once'}`);
}

/** Rules that come from several sides, such as both packages and the stage: of each, the one that forbids most. */
export function strictest(gates: readonly GateRules[]): GateRules {
  const found = NAMES.flatMap((name) => {
    const values = gates.flatMap((gate) => gate[name] ?? []);
    const choose = name.startsWith('max_') ? Math.min : Math.max;
    return values.length === 0 ? [] : [[name, choose(...values)] as const];
  });
  return Object.fromEntries(found);
}

/** Without the rules that a model's task can never answer: not all have names to agree on, or are right or wrong. */
export function answerable(
  { max_accuracy_drop: drop, min_agreement: agreement, ...others }: GateRules,
  { classes, isRightOrWrong }: { classes: readonly unknown[]; isRightOrWrong: boolean },
): GateRules {
  return {
    ...others,
    ...(drop !== undefined && isRightOrWrong && { max_accuracy_drop: drop }),
    ...(agreement !== undefined && classes.length > 0 && { min_agreement: agreement }),
  };
}

/** Why a version is not to be promoted: the rule, or that there is no comparison to go by; and a sentence with its figures. */
export type Refusal = { rule: RuleName | 'comparison'; sentence: string };
