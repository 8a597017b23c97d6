import * as z from 'zod';

/**
 * What a version has to show before it is promoted in the place of another one: `swath:gate` of a package, or the stage's
 * parameter `promotionGate`. Every message says what is allowed in its place.
 */

const SHARE = 'a number from 0 to 1';
const share = z.number(SHARE).min(0, SHARE).max(1, SHARE);
const CONFIDENCE = 'a number above 0.5 and below 1';
const RATIO = 'a number above 0';
const AMOUNT = 'a number from 0 on, in the unit of the values';
const amount = z.number(AMOUNT).min(0, AMOUNT);
const CHIPS = 'a whole number from 1 on';

const rules = {
  /** The accuracy may be lower than the live version's by no more than that, … */
  max_accuracy_drop: share.optional(),
  /** … of which one wants to be so sure. */
  confidence: z.number(CONFIDENCE).gt(0.5, CONFIDENCE).lt(1, CONFIDENCE).optional(),
  /** Of values: the mean absolute error may be higher than the live version's by no more than that, with the same confidence. */
  max_error_rise: amount.optional(),
  /** The least share of the chips, or of the pixels of maps, of which both versions say the same. */
  min_agreement: share.optional(),
  /** Of values: both versions' may differ by no more than that on average, without the sign. */
  max_mean_absolute_difference: amount.optional(),
  /** Inferring a chip may take at most so many times as long. */
  max_time_ratio: z.number(RATIO).gt(0, RATIO).optional(),
  /** The least number of chips that both versions have classified. */
  min_chips: z.int(CHIPS).min(1, CHIPS).optional(),
};
type RuleName = keyof typeof rules;
export type GateRules = z.output<z.ZodObject<typeof rules>>;

/** Rules that only models of some tasks can answer; each task says which. */
const OF_TASKS = [
  'max_accuracy_drop',
  'max_error_rise',
  'min_agreement',
  'max_mean_absolute_difference',
] as const satisfies readonly RuleName[];
export type RuleOfTask = (typeof OF_TASKS)[number];

/** What a rule may forbid; the others say how the rules are meant. */
const FORBIDDING = [...OF_TASKS, 'max_time_ratio'] as const satisfies readonly RuleName[];
const NAMES = Object.keys(rules) as RuleName[];

export const GATE = `an object with ${FORBIDDING.slice(0, -1).join(', ')} or ${FORBIDDING.at(-1)}, and perhaps confidence and min_chips`;

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

/** Without the rules that a model's task can never answer: not all have names to agree on, or values that are off. */
export function answerable(rules: GateRules, { answers }: { answers: readonly RuleOfTask[] }): GateRules {
  const isOfOthers = (name: string) => OF_TASKS.some((one) => one === name && !answers.includes(one));
  return Object.fromEntries(Object.entries(rules).filter(([name]) => !isOfOthers(name)));
}

/** Why a version is not to be promoted: the rule, or that there is no comparison to go by; and a sentence with its figures. */
export type Refusal = { rule: RuleName | 'comparison'; sentence: string };
