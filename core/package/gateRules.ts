import * as z from 'zod';

/** Rules before a promotion, of a package's `swath:gate` or a stage's `promotionGate`; messages say what is allowed. */

export const SHARE = 'a number from 0 to 1';
export const share = z.number(SHARE).min(0, SHARE).max(1, SHARE);
const CONFIDENCE = 'a number above 0.5 and below 1';
const RATIO = 'a number above 0';
const AMOUNT = 'a number from 0 on, in the unit of the values';
const amount = z.number(AMOUNT).min(0, AMOUNT);
const CHIPS = 'a whole number from 1 on';

const rules = {
  /** The most that the accuracy may fall below the live version's, … */
  max_accuracy_drop: share.optional(),
  /** … and the confidence required for that. */
  confidence: z.number(CONFIDENCE).gt(0.5, CONFIDENCE).lt(1, CONFIDENCE).optional(),
  /** For values: the most that the mean absolute error may rise above the live version's, with the same confidence. */
  max_error_rise: amount.optional(),
  /** The least share of chips, or of map pixels, on which both versions agree. */
  min_agreement: share.optional(),
  /** For values: the most that the two versions may differ on average, in absolute value. */
  max_mean_absolute_difference: amount.optional(),
  /** The most that inference per chip may slow down, as a ratio. */
  max_time_ratio: z.number(RATIO).gt(0, RATIO).optional(),
  /** The least number of chips that both versions have classified. */
  min_chips: z.int(CHIPS).min(1, CHIPS).optional(),
};
type RuleName = keyof typeof rules;
export type GateRules = z.output<z.ZodObject<typeof rules>>;

/** Rules that only models of some tasks can answer; each task says which. */
const OF_TASKS = ['max_accuracy_drop', 'max_error_rise', 'min_agreement', 'max_mean_absolute_difference'] as const;
export type RuleOfTask = (typeof OF_TASKS)[number];

/** Rules that can refuse a version; the others qualify them. */
const FORBIDDING = [...OF_TASKS, 'max_time_ratio'] as const satisfies readonly RuleName[];
const NAMES = Object.keys(rules) as RuleName[];

export const GATE = `an object with ${FORBIDDING.slice(0, -1).join(', ')} or ${FORBIDDING.at(-1)}, and perhaps confidence and min_chips`;

/** Unknown names are rejected, because a rule that is not read refuses nothing. */
export const gateSchema = z
  .strictObject(rules, { error: ({ code }) => (code === 'unrecognized_keys' ? `${GATE}, and nothing else` : GATE) })
  .refine((gate: GateRules) => !isOpen(gate), `at least one of ${FORBIDDING.join(', ')}`);

export const isOpen = (gate: GateRules): boolean => FORBIDDING.every((name) => gate[name] === undefined);

/** Parses `max_accuracy_drop=0.02,min_agreement=0.9` of a stage's parameter; empty for no rules. Throws RangeError. */
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

/** Merges rules from several sources, such as both packages and the stage: the strictest of each applies. */
export function strictest(gates: readonly GateRules[]): GateRules {
  const found = NAMES.flatMap((name) => {
    const values = gates.flatMap((gate) => gate[name] ?? []);
    const choose = name.startsWith('max_') ? Math.min : Math.max;
    return values.length === 0 ? [] : [[name, choose(...values)] as const];
  });
  return Object.fromEntries(found);
}

/** Drops the rules that a model's task can never answer: not every task has labels to agree on, or values with errors. */
export function answerable(rules: GateRules, { answers }: { answers: readonly RuleOfTask[] }): GateRules {
  const isOfOthers = (name: string) => OF_TASKS.some((one) => one === name && !answers.includes(one));
  return Object.fromEntries(Object.entries(rules).filter(([name]) => !isOfOthers(name)));
}

/** Why a version is not promoted: the rule, or that there is no comparison to judge by; and a sentence with the figures. */
export type Refusal = { rule: RuleName | 'comparison'; sentence: string };
