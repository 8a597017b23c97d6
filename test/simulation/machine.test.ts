import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastWordInput, sceneInput, shadowInput, sweepInput } from '../../core/base/messages.ts';
import { readDefinition, readStates } from '../../local/stack/service.ts';
import { type Random, sfc32 } from '../../replay/sfc32.ts';
import { batchOf } from '../benches/ledgerRows.ts';
import { EXECUTION, type Execution, failure, runPipeline } from '../stateMachine/runPipeline.ts';
import { makeMachine, StateError } from './machine.ts';
import { pick } from './schedule.ts';

/** The simulated state machine goes the way that the embedded stack's interpreter goes, on the definition that deploys. */

const RUNS = 150;
const scene = { bucket: 'inbox', key: 'north/a', versionId: 'v1' };
const model = { name: 'm', version: '1' };
const batch = batchOf({ model });
const ended = { files: 1, done: 1, empty: 0, duplicate: 0, invalid: 0, failed: 0, leftOut: 0, unsettled: 0 };
const run = { id: 'a', scene, model, attempt: 1, execution: EXECUTION, digest: 'd'.repeat(64), day: '2026-03-01' };

test(`it makes the same calls, and ends in the same way, as the embedded interpreter: ${RUNS} executions`, async () => {
  const ends = new Set<string>();
  for (let seed = 0; seed < RUNS; seed += 1) {
    const input = pick(sfc32(seed, 1, 0), inputs);
    const expected = await runPipeline(input, fakesOf(seed));
    assert.deepEqual(timeless(await runHere(input, seed)), timeless(expected), `seed ${seed}`);
    ends.add(expected.path.at(-1)!);
  }
  for (const end of [
    'Done',
    'Empty',
    'Duplicate',
    'Nothing to do',
    'Failed',
    'Swept',
    'Nothing arrived',
    'Not settled',
    'Left to the sweep',
    'Folder',
    'Companion',
    'Said',
    'Too many bulk failures',
    'Shadowed',
  ])
    assert.ok(ends.has(end), `no execution came to the state ${end}`);
});

/** Without the time at which it began. */
function timeless({ calls, ...execution }: Execution): Execution {
  const isTime = (message: unknown) => typeof message === 'object' && message !== null && 'before' in message;
  const messages = calls.map(({ name, message }) => ({
    name,
    message: isTime(message) ? { ...(message as object), before: 'then' } : message,
  }));
  return { ...execution, calls: messages };
}

describe('a definition that it does not know is refused', () => {
  for (const [what, change] of Object.entries({
    'a type of state': (states: States) => Object.assign(states['Done']!, { Type: 'Parallel' }),
    'a field': (states: States) => Object.assign(states['Drift']!, { InputPath: '$.run' }),
    'a comparison': (states: States) =>
      Object.assign(states['Prepared?']!, { Choices: [{ NumericLessThan: 1, Next: 'Done' }] }),
    'a path': (states: States) => Object.assign(states['Infer']!, { ItemsPath: '$.parts[?(@.a)]' }),
    'a retry by a wild card': (states: States) =>
      Object.assign(states['Drift']!, { Retry: [{ ErrorEquals: ['States.TaskFailed'] }] }),
  }))
    test(what, () => {
      const definition = structuredClone(readDefinition()) as unknown as { States: States };
      change(definition.States);
      assert.throws(() => makeMachine(definition as never), /does not know/);
    });
});

type States = Record<string, object>;

const sized = (one: typeof scene, size: number) => {
  const { detail, ...event } = sceneInput(one);
  return { ...event, detail: { ...detail, object: { ...detail.object, size } } };
};

const inputs = [
  sceneInput(scene),
  sceneInput(scene, model),
  sceneInput({ ...scene, key: 'swath-canary/a' }),
  sized({ ...scene, key: 'north/' }, 0),
  sized({ ...scene, key: 'north/' }, 9),
  sceneInput({ ...scene, key: 'north/mixer.json' }),
  sceneInput({ ...scene, key: 'north/mixer.json' }, model),
  sceneInput({ ...scene, key: 'bulk/a/_DONE' }),
  sceneInput({ ...scene, key: 'bulk/_DONE' }),
  sceneInput({ ...scene, key: 'bulk/a' }),
  sceneInput({ ...scene, key: 'bulk/a' }, model),
  sweepInput,
  lastWordInput(new Date(0)),
  shadowInput({ run, model, parts: 2, chips: 3, blank: 0 }),
];

const ERRORS = ['TransientTrouble', 'ClaimLost', 'InvalidSceneFile', 'States.Timeout', 'Lambda.Unknown'];

/** Fakes that answer, or fail, as the seed has it; at each call by itself, so that the order does not matter. */
function fakesOf(seed: number): Record<string, (message: never, nth: number) => unknown> {
  const random = (name: string, nth: number): Random => sfc32(seed, nth, name.length * 7 + name.charCodeAt(0));
  const answers: Record<string, (random: Random, message: never) => unknown> = {
    preprocess: (random) =>
      pick(random, [
        { status: 'ready', run, parts: [0, 1, 2] },
        { status: 'ready', run, parts: [0] },
        { status: 'ready', run, parts: [] },
        { status: 'empty', run },
        { status: 'duplicate', run: { id: 'a' } },
        { status: 'settled', run: { id: 'a' }, state: 'DONE' },
      ]),
    infer: (_, { part, batch, progress }: { part: number; batch?: unknown; progress?: { left: number } }) => {
      if (progress !== undefined) return { left: progress.left - 1 };
      return batch !== undefined ? ended : { part, counts: [1], missing: 0, probabilitySum: 1, milliseconds: 1 };
    },
    drift: (random, message) => {
      if ('before' in (message as object)) return { judged: pick(random, [[], [{ day: '2026-03-01', model }]]) };
      if ('lastWord' in (message as object)) return { status: 'said' };
      if ('empty' in (message as object)) return { status: 'watched' };
      return { status: pick(random, ['judged', 'unjudged']), verdict: null };
    },
    discover: (random) => {
      const cursor = pick(random, [null, 'more']);
      const batches = cursor === null ? [] : pick(random, [[], [batch], [batch, batch, batch]]);
      const told = { bulkFailedShare: pick(random, [0, 0.05, 0.5]), bulkCause: 'Of 4 …' };
      return { cursor, started: 0, settled: 0, batches, ...told, folder: pick(random, [null, 'bulk/a/']) };
    },
    settle: (random, message) =>
      'batch' in (message as object)
        ? ended
        : pick(random, [{ error: 'E', cause: 'C: c.' }, { error: 'E', cause: 'C: c.' }, {}]),
    report: (_random, message) => ({ reports: [], leftOut: [], revised: (message as { judged: unknown[] }).judged }),
  };
  return Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (message: never, nth: number) => {
        const own = random(name, nth);
        // Where parts are inferred at once, which of them fails first is nobody's to say.
        if (name !== 'infer' && own() < 0.3) throw failure(pick(own, ERRORS));
        if (name === 'infer' && seed % 5 === 0) throw failure('Lambda.Unknown');
        return answer(own, message);
      },
    ]),
  );
}

const machine = makeMachine(readDefinition());
/** What each item goes through is not the execution's own path. */
const withinMaps = Object.values(readDefinition().States).flatMap((state) =>
  'ItemProcessor' in state ? Object.keys((state.ItemProcessor as { States: object }).States) : [],
);

async function runHere(input: unknown, seed: number): Promise<Execution> {
  const fakes = fakesOf(seed);
  const calls: Execution['calls'] = [];
  const path: string[] = [];
  let transitions = 0;
  const tasks = Object.values(readStates().tasks);
  const context = { Execution: { Id: EXECUTION, Input: input, StartTime: new Date().toISOString() } };
  const ended = await machine(input, context, {
    invoke: async (name, message) => {
      assert.ok(tasks.includes(name));
      calls.push({ name, message });
      try {
        return fakes[name]!(message as never, calls.filter((call) => call.name === name).length);
      } catch (error) {
        throw new StateError((error as Error).name, (error as Error).message);
      }
    },
    pause: async () => {},
    now: () => new Date(),
    random: () => 0,
    onState: (name) => {
      transitions += 1;
      if (!withinMaps.includes(name)) path.push(name);
    },
  }).then(
    () => null,
    (error: StateError) => ({ error: error.name, cause: error.message }),
  );
  return { path, transitions, calls, failure: ended };
}
