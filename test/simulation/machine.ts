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

type Rule = {
  And?: Rule[];
  Or?: Rule[];
  Not?: Rule;
  Variable?: string;
  IsPresent?: boolean;
  IsString?: boolean;
  StringEquals?: string;
  StringMatches?: string;
  NumericEquals?: number;
  NumericGreaterThan?: number;
  Next?: string;
};
type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: string;
};
type Catcher = { ErrorEquals: string[]; ResultPath?: string; Next: string };
type State = {
  Type: string;
  Next?: string;
  End?: boolean;
  Parameters?: Template;
  ItemSelector?: Template;
  Result?: unknown;
  ResultPath?: string;
  Resource?: string;
  TimeoutSeconds?: number;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Choices?: Rule[];
  Default?: string;
  ItemsPath?: string;
  MaxConcurrency?: number;
  ItemProcessor?: Flow;
  Error?: string;
  Cause?: string;
  ErrorPath?: string;
  CausePath?: string;
  TimestampPath?: string;
};
type Flow = { StartAt: string; States: Record<string, State>; [other: string]: unknown };
type Template = { [name: string]: unknown };
type Context = { [name: string]: unknown };

const FLOW_FIELDS = ['Comment', 'StartAt', 'States', 'ProcessorConfig'];
const STATE_FIELDS: Record<string, string[]> = {
  Task: ['Type', 'Resource', 'TimeoutSeconds', 'Parameters', 'ResultPath', 'Retry', 'Catch', 'Next', 'End'],
  Map: [
    'Type',
    'ItemsPath',
    'ItemSelector',
    'MaxConcurrency',
    'ItemProcessor',
    'ResultPath',
    'Retry',
    'Catch',
    'Next',
    'End',
  ],
  Choice: ['Type', 'Choices', 'Default'],
  Pass: ['Type', 'Parameters', 'Result', 'ResultPath', 'Next', 'End'],
  Wait: ['Type', 'TimestampPath', 'Next'],
  Succeed: ['Type'],
  Fail: ['Type', 'Error', 'Cause', 'ErrorPath', 'CausePath'],
};
const RULE_FIELDS = [
  'And',
  'Or',
  'Not',
  'Variable',
  'IsPresent',
  'IsString',
  'StringEquals',
  'StringMatches',
  'NumericEquals',
  'NumericGreaterThan',
  'Next',
];
const RETRIER_FIELDS = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
];
const CATCHER_FIELDS = ['ErrorEquals', 'ResultPath', 'Next'];

/** Reads a definition; the answer runs one execution of it, and resolves with its output or throws a `StateError`. */
export function makeMachine(definition: Definition) {
  const flow = definition as unknown as Flow;
  checkFlow(flow, 'the state machine');
  return (input: unknown, context: Context, surroundings: Surroundings): Promise<unknown> =>
    runFlow(flow, input, context, surroundings);
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
      const chosen = state.Choices!.find((rule) => holds(rule, value, context));
      const next: string | undefined = chosen?.Next ?? state.Default;
      if (next === undefined) throw new StateError('States.NoChoiceMatched', `No choice of ${name} matched.`);
      name = next;
      continue;
    }
    if (state.Type === 'Wait') {
      const until = Date.parse(String(lookUp(state.TimestampPath!, value, context)));
      await around.pause(Math.max(0, until - around.now().getTime()));
      name = state.Next!;
      continue;
    }
    const ended: { value: unknown; next: string | undefined } = await runState(name, state, value, context, around);
    value = ended.value;
    if (ended.next === undefined) return value;
    name = ended.next;
  }
}

async function runState(name: string, state: State, input: unknown, context: Context, around: Surroundings) {
  const tries = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await resultOf(name, state, input, context, around);
      return { value: placed(state.ResultPath, input, result), next: state.Next };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const retrier = state.Retry?.find(({ ErrorEquals }) => isNamed(ErrorEquals, error.name));
      const before = (retrier && tries.get(retrier)) ?? 0;
      if (retrier !== undefined && before < (retrier.MaxAttempts ?? 3)) {
        tries.set(retrier, before + 1);
        await around.pause(waitOf(retrier, before, around.random));
        continue;
      }
      const catcher = state.Catch?.find(({ ErrorEquals }) => isNamed(ErrorEquals, error.name));
      if (catcher === undefined) throw error;
      const value = placed(catcher.ResultPath, input, { Error: error.name, Cause: error.message });
      return { value, next: catcher.Next };
    }
  }
}

async function resultOf(name: string, state: State, input: unknown, context: Context, around: Surroundings) {
  const given = state.Parameters === undefined ? input : fill(state.Parameters, input, context);
  if (state.Type === 'Pass') return state.Result === undefined ? given : state.Result;
  if (state.Type === 'Task') {
    const functionName = state.Resource!.split(':').at(-1)!;
    return asJson(await around.invoke(functionName, asJson(given), state.TimeoutSeconds));
  }
  const items = lookUp(state.ItemsPath ?? '$', given, context);
  if (!Array.isArray(items)) throw new StateError('States.Runtime', `${name}: found no list at ${state.ItemsPath}`);
  return mapOver(items, state, given, context, around);
}

/** The first iteration that fails ends the state; those on their way are left to themselves. */
async function mapOver(items: unknown[], state: State, input: unknown, context: Context, around: Surroundings) {
  const { ItemProcessor, ItemSelector, MaxConcurrency = 0 } = state;
  const results: unknown[] = new Array(items.length);
  const queue = items.map((value, index) => ({ value, index }));
  let hasFailed = false;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && !hasFailed; next = queue.shift()) {
      const inside = { ...context, Map: { Item: { Index: next.index, Value: next.value } } };
      const given = ItemSelector === undefined ? next.value : fill(ItemSelector, input, inside);
      try {
        results[next.index] = await runFlow(ItemProcessor!, given, inside, around);
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

function failureOf({ Error: error, Cause, ErrorPath, CausePath }: State, input: unknown): StateError {
  const text = (path: string | undefined, fixed: string | undefined) =>
    path === undefined ? (fixed ?? '') : String(lookUp(path, input, {}));
  return new StateError(text(ErrorPath, error), text(CausePath, Cause));
}

/** https://states-language.net/spec.html#errors */
function isNamed(names: readonly string[], error: string): boolean {
  return names.some((name) => name === error || name === 'States.ALL');
}

function waitOf(
  { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds, JitterStrategy }: Retrier,
  before: number,
  random: () => number,
) {
  const seconds = Math.min(IntervalSeconds * BackoffRate ** before, MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
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

/** A template's fields: those whose names end in `.$` are paths, all others are as they stand. */
function fill(template: Template, input: unknown, context: Context): unknown {
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      if (!name.endsWith('.$')) return [name, isTemplate(value) ? fill(value, input, context) : value];
      const found = lookUp(String(value), input, context);
      if (found === undefined) throw new StateError('States.ParameterPathFailure', `Invalid path '${value}'`);
      return [name.slice(0, -2), found];
    }),
  );
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placed(path: string | undefined, input: unknown, result: unknown): unknown {
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

function checkFlow(flow: Flow, where: string): void {
  checkFields(flow, FLOW_FIELDS, where);
  const { Mode = 'INLINE' } = (flow['ProcessorConfig'] ?? {}) as { Mode?: string };
  if (!['INLINE', 'DISTRIBUTED'].includes(Mode)) throw unknown(`${where}: ProcessorConfig.Mode`, Mode);
  for (const [name, state] of Object.entries(flow.States)) {
    const fields = STATE_FIELDS[state.Type];
    if (fields === undefined) throw unknown(`${name}: Type`, state.Type);
    checkFields(state, fields, name);
    for (const one of state.Retry ?? []) checkRetrier(one, name);
    for (const one of state.Catch ?? []) checkFields(one, CATCHER_FIELDS, `${name}: Catch`);
    for (const one of state.Choices ?? []) checkRule(one, name);
    for (const path of pathsOf(state)) if (!/^\$(\.\w+)*$/.test(path)) throw unknown(`${name}: ResultPath`, path);
    checkPaths(state, name);
    if (state.ItemProcessor !== undefined) checkFlow(state.ItemProcessor, `${name}: ItemProcessor`);
  }
}

function checkRetrier(retrier: Retrier, name: string): void {
  checkFields(retrier, RETRIER_FIELDS, `${name}: Retry`);
  const wild = retrier.ErrorEquals.find((error) => error === 'States.TaskFailed');
  if (wild !== undefined) throw unknown(`${name}: Retry`, wild);
  if (!['FULL', 'NONE', undefined].includes(retrier.JitterStrategy))
    throw unknown(`${name}: Retry`, String(retrier.JitterStrategy));
}

function checkRule(rule: Rule, name: string): void {
  checkFields(rule, RULE_FIELDS, `${name}: Choices`);
  if (rule.StringMatches?.includes('*') === false || rule.StringMatches?.includes('\\'))
    throw unknown(`${name}: StringMatches`, rule.StringMatches);
  for (const part of [...(rule.And ?? []), ...(rule.Or ?? []), ...(rule.Not ? [rule.Not] : [])]) checkRule(part, name);
}

function pathsOf({ ResultPath, Catch = [] }: State): string[] {
  return [ResultPath, ...Catch.map((one) => one.ResultPath)].filter((path) => path !== undefined);
}

/** Every path in a state is a plain one: names and places in lists, no filter, no function. */
function checkPaths(node: unknown, name: string): void {
  JSON.stringify(node, (field, value) => {
    const isPath =
      field.endsWith('.$') || ['Variable', 'ItemsPath', 'ErrorPath', 'CausePath', 'TimestampPath'].includes(field);
    if (isPath && !/^\$\$?(\.\w+|\[\d+\])*$/.test(String(value))) throw unknown(`${name}: ${field}`, String(value));
    return value;
  });
}

function checkFields(node: object, known: readonly string[], where: string): void {
  for (const field of Object.keys(node)) if (!known.includes(field)) throw unknown(where, field);
}

function unknown(where: string, found: string): Error {
  return new Error(
    `${where}: found ${found}, which the simulated state machine does not know. Teach it, or leave it out.`,
  );
}
