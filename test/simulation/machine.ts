import * as z from 'zod';
import type { Definition } from '../../local/stack/service.ts';

/**
 * Step Functions, as far as stepfunctions/pipeline.yml uses it, on a clock of one's own: a pure interpreter of its states,
 * which calls `invoke` for each task and waits by `pause`. A field that it does not know is refused when the definition is
 * read, never passed over. ./machine.test.ts holds it against the interpreter of the embedded stack.
 */

/** What a task, or an execution, failed with. */
export class StateError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** What an execution meets: its tasks, and the time. */
export type Surroundings = {
  /** Runs a task's function; throws a `StateError`. */
  invoke: (functionName: string, message: unknown, timeoutSeconds: number | undefined) => Promise<unknown>;
  pause: (milliseconds: number) => Promise<void>;
  now: () => Date;
  random: () => number;
  onState?: (name: string) => void;
};

const path = z.string().regex(/^\$\$?(\.\w+|\[\d+\])*$/);
/** A function of paths and texts that are as they stand. */
const expression = z.union([path, z.string().regex(/^States\.Array\([^\\]*\)$/)]);
const resultPath = z
  .string()
  .regex(/^\$(\.\w+)*$/)
  .nullable()
  .optional();
const rule = z.strictObject({
  get And() {
    return z.array(rule).optional();
  },
  get Or() {
    return z.array(rule).optional();
  },
  get Not() {
    return rule.optional();
  },
  Variable: path.optional(),
  IsPresent: z.boolean().optional(),
  IsString: z.boolean().optional(),
  StringEquals: z.string().optional(),
  StringMatches: z
    .string()
    .regex(/^[^\\]*\*[^\\]*$/)
    .optional(),
  NumericEquals: z.number().optional(),
  NumericGreaterThan: z.number().optional(),
  Next: z.string().optional(),
});
const errors = z.array(z.string().regex(/^(?!States\.TaskFailed$)/));
const retrier = z.strictObject({
  ErrorEquals: errors,
  IntervalSeconds: z.number().default(1),
  MaxAttempts: z.number().default(3),
  BackoffRate: z.number().default(2),
  MaxDelaySeconds: z.number().default(Number.POSITIVE_INFINITY),
  JitterStrategy: z.enum(['FULL', 'NONE']).optional(),
});
/** Fields whose names end in `.$` are paths, or functions of them; all others are as they stand. */
const template = z.record(z.string(), z.unknown()).refine(hasPaths).optional();
const next = { ResultPath: resultPath, Next: z.string().optional(), End: z.literal(true).optional() };
const caught = {
  Retry: z.array(retrier).default([]),
  Catch: z.array(z.strictObject({ ErrorEquals: errors, ResultPath: resultPath, Next: z.string() })).default([]),
};
const state = z.discriminatedUnion('Type', [
  z.strictObject({
    Type: z.literal('Task'),
    Resource: z.string(),
    TimeoutSeconds: z.number().optional(),
    Parameters: template,
    ResultSelector: template,
    ...caught,
    ...next,
  }),
  z.strictObject({
    Type: z.literal('Map'),
    ItemsPath: path.default('$'),
    ItemSelector: template,
    MaxConcurrency: z.number().default(0),
    get ItemProcessor(): z.ZodType<Flow> {
      return flow;
    },
    ...caught,
    ...next,
  }),
  z.strictObject({ Type: z.literal('Pass'), Parameters: template, Result: z.unknown().optional(), ...next }),
  z.strictObject({ Type: z.literal('Choice'), Choices: z.array(rule), Default: z.string().optional() }),
  z.strictObject({ Type: z.literal('Wait'), TimestampPath: path, Next: z.string() }),
  z.strictObject({ Type: z.literal('Succeed') }),
  z.strictObject({
    Type: z.literal('Fail'),
    Error: z.string().default(''),
    Cause: z.string().default(''),
    ErrorPath: path.optional(),
    CausePath: path.optional(),
  }),
]);
const flow = z.strictObject({
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), state),
  ProcessorConfig: z.looseObject({ Mode: z.enum(['INLINE', 'DISTRIBUTED']).optional() }).optional(),
});

type Rule = z.output<typeof rule>;
type Retrier = z.output<typeof retrier>;
type State = z.output<typeof state>;
type Working = Extract<State, { Type: 'Task' | 'Map' }>;
type Flow = { StartAt: string; States: Record<string, State> };
type Template = Record<string, unknown>;
type Context = Record<string, unknown>;

function hasPaths(fields: Template): boolean {
  return Object.entries(fields).every(([name, value]) =>
    name.endsWith('.$') ? expression.safeParse(value).success : !isTemplate(value) || hasPaths(value),
  );
}

/** Reads a definition; the answer runs one execution of it, and resolves with its output or throws a `StateError`. */
export function makeMachine(definition: Definition) {
  const read = flow.safeParse(definition);
  if (!read.success)
    throw new Error(`the simulated state machine does not know all of this definition: ${z.prettifyError(read.error)}`);
  return (input: unknown, context: Context, surroundings: Surroundings): Promise<unknown> =>
    runFlow(read.data, input, context, surroundings);
}

async function runFlow(flow: Flow, input: unknown, context: Context, around: Surroundings): Promise<unknown> {
  let name = flow.StartAt;
  let value = input;
  for (;;) {
    const state = flow.States[name]!;
    around.onState?.(name);
    if (state.Type === 'Succeed') return value;
    if (state.Type === 'Fail') throw failureOf(state, value);
    if (state.Type === 'Choice') {
      const chosen = state.Choices.find((rule) => holds(rule, value, context));
      const next: string | undefined = chosen?.Next ?? state.Default;
      if (next === undefined) throw new StateError('States.NoChoiceMatched', `No choice of ${name} matched.`);
      name = next;
      continue;
    }
    if (state.Type === 'Wait') {
      const until = Date.parse(String(lookUp(state.TimestampPath, value, context)));
      await around.pause(Math.max(0, until - around.now().getTime()));
      name = state.Next;
      continue;
    }
    const ended: Ended =
      state.Type === 'Pass' ? passed(state, value, context) : await runState(name, state, value, context, around);
    value = ended.value;
    if (ended.next === undefined) return value;
    name = ended.next;
  }
}

type Ended = { value: unknown; next: string | undefined };

function passed(pass: Extract<State, { Type: 'Pass' }>, input: unknown, context: Context): Ended {
  const result = pass.Result === undefined ? filled(pass.Parameters, input, context) : pass.Result;
  return { value: placed(pass.ResultPath, input, result), next: pass.Next };
}

async function runState(
  name: string,
  state: Working,
  input: unknown,
  context: Context,
  around: Surroundings,
): Promise<Ended> {
  const tries = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await resultOf(name, state, input, context, around);
      return { value: placed(state.ResultPath, input, result), next: state.Next };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const retrier = state.Retry.find(({ ErrorEquals }) => isNamed(ErrorEquals, error.name));
      const before = (retrier && tries.get(retrier)) ?? 0;
      if (retrier !== undefined && before < retrier.MaxAttempts) {
        tries.set(retrier, before + 1);
        await around.pause(waitOf(retrier, before, around.random));
        continue;
      }
      const catcher = state.Catch.find(({ ErrorEquals }) => isNamed(ErrorEquals, error.name));
      if (catcher === undefined) throw error;
      const value = placed(catcher.ResultPath, input, { Error: error.name, Cause: error.message });
      return { value, next: catcher.Next };
    }
  }
}

async function resultOf(name: string, state: Working, input: unknown, context: Context, around: Surroundings) {
  if (state.Type === 'Task') {
    const functionName = state.Resource.split(':').at(-1)!;
    const given = filled(state.Parameters, input, context);
    const result = asJson(await around.invoke(functionName, asJson(given), state.TimeoutSeconds));
    return state.ResultSelector === undefined ? result : fill(state.ResultSelector, result, context);
  }
  const items = lookUp(state.ItemsPath, input, context);
  if (!Array.isArray(items)) throw new StateError('States.Runtime', `${name}: found no list at ${state.ItemsPath}`);
  return mapOver(items, state, input, context, around);
}

/** The first iteration that fails ends the state; those on their way are left to themselves. */
async function mapOver(
  items: unknown[],
  { ItemProcessor, ItemSelector, MaxConcurrency }: Extract<State, { Type: 'Map' }>,
  input: unknown,
  context: Context,
  around: Surroundings,
) {
  const results: unknown[] = new Array(items.length);
  const queue = items.map((value, index) => ({ value, index }));
  let hasFailed = false;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && !hasFailed; next = queue.shift()) {
      const inside = { ...context, Map: { Item: { Index: next.index, Value: next.value } } };
      const given = ItemSelector === undefined ? next.value : fill(ItemSelector, input, inside);
      try {
        results[next.index] = await runFlow(ItemProcessor, given, inside, around);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const lanes = MaxConcurrency === 0 ? items.length : Math.min(MaxConcurrency, items.length);
  await Promise.all(Array.from({ length: lanes }, work));
  return results;
}

function failureOf(
  { Error: error, Cause, ErrorPath, CausePath }: Extract<State, { Type: 'Fail' }>,
  input: unknown,
): StateError {
  const text = (from: string | undefined, fixed: string) =>
    from === undefined ? fixed : String(lookUp(from, input, {}));
  return new StateError(text(ErrorPath, error), text(CausePath, Cause));
}

/** https://states-language.net/spec.html#errors */
function isNamed(names: readonly string[], error: string): boolean {
  return names.some((name) => name === error || name === 'States.ALL');
}

function waitOf(retrier: Retrier, before: number, random: () => number) {
  const { IntervalSeconds, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** before, MaxDelaySeconds);
  return 1000 * seconds * (JitterStrategy === 'FULL' ? random() : 1);
}

function holds(rule: Rule, input: unknown, context: Context): boolean {
  if (rule.And !== undefined) return rule.And.every((part) => holds(part, input, context));
  if (rule.Or !== undefined) return rule.Or.some((part) => holds(part, input, context));
  if (rule.Not !== undefined) return !holds(rule.Not, input, context);
  const value = lookUp(rule.Variable!, input, context);
  if (rule.IsPresent !== undefined) return (value !== undefined) === rule.IsPresent;
  if (value === undefined) throw new StateError('States.Runtime', `Invalid path '${rule.Variable}'`);
  if (rule.IsString !== undefined) return (typeof value === 'string') === rule.IsString;
  if (rule.StringEquals !== undefined) return value === rule.StringEquals;
  if (rule.NumericEquals !== undefined) return value === rule.NumericEquals;
  if (rule.NumericGreaterThan !== undefined) return typeof value === 'number' && value > rule.NumericGreaterThan;
  return typeof value === 'string' && matches(value, rule.StringMatches!.split('*'));
}

/** Whether a text has these pieces in this order, the first at its start and the last at its end. */
function matches(text: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop() ?? '';
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.startsWith(first) && text.endsWith(last) && text.length >= at + last.length;
}

function filled(template: Template | undefined, input: unknown, context: Context): unknown {
  return template === undefined ? input : fill(template, input, context);
}

/** A template's fields: those whose names end in `.$` are paths, or functions of them; all others are as they stand. */
function fill(template: Template, input: unknown, context: Context): unknown {
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      if (!name.endsWith('.$')) return [name, isTemplate(value) ? fill(value, input, context) : value];
      const found = evaluated(String(value), input, context);
      if (found === undefined) throw new StateError('States.ParameterPathFailure', `Invalid path '${value}'`);
      return [name.slice(0, -2), found];
    }),
  );
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const FUNCTIONS: Record<string, (...given: never[]) => unknown> = {
  Array: (...given: unknown[]) => given,
  ArrayGetItem: (list: unknown[], index: number) => list[index],
  Format: (format: string, ...given: unknown[]) => format.replaceAll('{}', () => String(given.shift())),
  StringSplit: (text: string, at: string) => text.split(at),
};

/** The value of a path, or of a function of paths, texts and numbers. */
function evaluated(text: string, input: unknown, context: Context): unknown {
  const pieces = text.match(/'[^']*'|States\.\w+|[(),]|[^\s(),]+/g) ?? [];
  const value = (): unknown => {
    const piece = pieces.shift() ?? '';
    if (piece.startsWith("'")) return piece.slice(1, -1);
    if (piece.startsWith('$')) return lookUp(piece, input, context);
    if (!piece.startsWith('States.')) return Number(piece);
    const given: unknown[] = [];
    while (pieces.shift() !== ')') given.push(value());
    return FUNCTIONS[piece.slice('States.'.length)]!(...(given as never[]));
  };
  return value();
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placed(path: string | null | undefined, input: unknown, result: unknown): unknown {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const [name = '', ...below] = path.slice(2).split('.');
  const within = (input as Record<string, unknown>)[name];
  return { ...(input as object), [name]: below.length === 0 ? result : placed(`$.${below.join('.')}`, within, result) };
}

const paths = new Map<string, (string | number)[]>();

/** What a path leads to; `$$` begins in the context. */
function lookUp(path: string, input: unknown, context: Context): unknown {
  const [from, rest] = path.startsWith('$$') ? [context, path.slice(2)] : [input, path.slice(1)];
  let pieces = paths.get(rest);
  if (pieces === undefined) {
    pieces =
      rest.match(/\.\w+|\[\d+\]/g)?.map((piece) => (piece[0] === '.' ? piece.slice(1) : Number(piece.slice(1, -1)))) ??
      [];
    paths.set(rest, pieces);
  }
  let at: unknown = from;
  for (const piece of pieces)
    at = at === null || at === undefined ? undefined : (at as Record<string | number, unknown>)[piece];
  return at;
}

/** What crosses from state to function is text. */
function asJson(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
