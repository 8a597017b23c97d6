import { isDeepStrictEqual } from 'node:util';
import { requestKey } from '../../core/base/keys.ts';
import { type ModelRef, runId, type SceneRef } from '../../core/base/messages.ts';
import type { Answer, Result } from '../../core/doors/requests/answer.ts';
import { SETTLED, type State } from '../../core/ledger/states.ts';
import { RESULTS } from '../../local/buckets/inbox.ts';
import { isAnsweredBody } from './answered.ts';
import type { Item } from './expressions.ts';
import type { SceneFile } from './files.ts';
import { digestOf, type Version } from './inbox.ts';
import { classOf } from './model.ts';
import { hasInline, numbersOfRequest, type SentInput, type SentRequest } from './requests.ts';
import { isTruthsBody } from './truths.ts';
import type { Violation } from './violation.ts';
import type { World } from './world.ts';

/** What may become of a request: rules 8 and 9. Once it is kept, it is a scene file, and the other rules hold for it as well. */

type Broken = (rule: Violation['rule'], what: string) => void;
/** What an answer of a queue says; results are there, as none is too long here. */
type Given = Answer & { results: readonly (Result & { [member: string]: unknown })[] };

export type Kept = { version: Version; file: SceneFile; model: ModelRef };

type Options = {
  broken: Broken;
  /** The scene file that was put under a key in that version. */
  fileOf: (scene: SceneRef) => SceneFile | undefined;
  /** Whether an execution has been started for a scene and a model. */
  hasStarted: (scene: SceneRef, model: ModelRef, inputs: ReadonlyMap<string, unknown>) => boolean;
};

export function makeRequestRules(world: World, { broken, fileOf, hasStarted }: Options) {
  const sent = new Set<SentRequest>();
  const kept = new Map<string, Version>();
  const answers = new Map<string, Given[]>();
  /** The states that each run has been in. */
  const states = new Map<string, Set<State>>();

  function onRow({ run, state }: Item): void {
    const before = states.get(String(run)) ?? new Set();
    states.set(String(run), before.add(state as State));
  }

  /** A request is kept once, as it was sent; what it brings is a scene file from now on. */
  function onKept(key: string, bytes: Uint8Array): Kept | undefined {
    const asked = [...sent].find((one) => isSame(bytes, one))?.asks;
    if (asked == null || key !== requestKey(asked.id)) {
      broken(8, `${key} is kept, and nobody has sent it so`);
      return undefined;
    }
    if (kept.has(key)) broken(8, `${key} was written once more`);
    const { bucket, versionId, lastModified } = world.results.find(key)!;
    const scene = { bucket, key, versionId };
    const version = { scene, bytes, lastModified: new Date(lastModified), isSeen: true, isGone: false };
    kept.set(key, version);
    if (!hasInline(asked.inputs)) return undefined;
    const file = { bytes, digest: digestOf(bytes), numbers: numbersOfRequest(asked.inputs) };
    return { version, file, model: asked.model };
  }

  /** The version as which a request is kept; undefined where it is not, or another one has its id. */
  function keptOf(one: SentRequest): Version | undefined {
    const version = one.asks === null ? undefined : kept.get(requestKey(one.asks.id));
    return version !== undefined && isSame(version.bytes, one) ? version : undefined;
  }

  /** A message is done with when what it asks for is kept, started, and noted; or when it is a dead letter. */
  function onDone(body: string, inputs: ReadonlyMap<string, unknown>): void {
    const noted = idsOfNote(body);
    for (const id of noted)
      if (!isLookedAfter(id)) broken(9, `the note of the answer to ${id} is done with, and nobody has answered`);
    if (noted.length > 0) return;
    const one = [...sent].find((other) => other.body === body);
    const version = one && keptOf(one);
    if (version === undefined) {
      const isThere = [...world.requests!.letters().map((letter) => letter.body), ...world.requests!.left()].includes(
        body,
      );
      if (!isThere) broken(8, `the message ${body.slice(0, 60)} is done with, and is neither kept nor a dead letter`);
      return;
    }
    const { id, inputs: asked, model, replyTo } = one!.asks!;
    const isStarted = (scene: SceneRef) => hasStarted(scene, model, inputs);
    if (hasInline(asked) && !isStarted(version.scene))
      broken(8, `the message of the request ${id} is done with, and nothing was started for it`);
    for (const input of asked)
      if (input.is === 'file' && !world.inbox.versions.some(({ scene }) => scene.key === input.key && isStarted(scene)))
        broken(8, `the message of the request ${id} is done with, and nothing was started for ${input.key}`);
    if (replyTo !== null && !isLookedAfter(id))
      broken(9, `the message of the request ${id} is done with, and nothing says that an answer is due`);
  }

  /** Whether a request was answered, or its note is in the queue, or among the dead letters. */
  function isLookedAfter(id: string): boolean {
    const notes = [...world.requests!.left(), ...world.requests!.letters().map(({ body }) => body)];
    return answers.has(id) || notes.some((body) => idsOfNote(body).includes(id));
  }

  /** An answer is true: its runs have ended, their predictions are there, and it says what its inputs are. */
  function onAnswer(url: string, body: string): void {
    const given = JSON.parse(body) as Given;
    const about = `the answer to ${given.id}`;
    const one = [...sent].find((other) => other.asks?.id === given.id && keptOf(other) !== undefined);
    if (one === undefined) {
      broken(9, `${about} was sent, and no such request is kept`);
      return;
    }
    const { asks } = one;
    if (url !== asks!.replyTo) broken(9, `${about} went to ${url}`);
    for (const address of [...given.files, ...given.results.flatMap(({ results = [] }) => results as string[])])
      if (!world.results.has(address.slice(`s3://${RESULTS}/`.length)))
        broken(9, `${about} was sent before ${address} was there`);
    if (given.results.length !== asks!.inputs.length) broken(9, `${about} has ${given.results.length} results`);
    const own = runId(keptOf(one)!.scene, asks!.model);
    for (const [i, input] of asks!.inputs.entries()) {
      const problem = problemOf(given.results[i]!, input, own);
      if (problem !== undefined) broken(9, `${about}: ${problem}: ${JSON.stringify(given.results[i])}`);
    }
    const before = answers.get(given.id) ?? [];
    for (const other of before) {
      const i = given.results.findIndex((result, at) => !agree(result, other.results[at]!, own));
      if (i >= 0)
        broken(9, `${about} says ${JSON.stringify(given.results[i])}, and said ${JSON.stringify(other.results[i])}`);
    }
    answers.set(given.id, [...before, given]);
  }

  function problemOf(result: Given['results'][number], input: SentInput, own: string): string | undefined {
    const { error } = result;
    if (input.is === 'file') return problemOfFile(result, input.key);
    const was = (...which: State[]) => which.some((state) => states.get(own)?.has(state));
    if (input.is === 'refused' && input.why.test(error ?? '')) return undefined;
    if (!was(...SETTLED)) return 'it was sent before its run had ended';
    if (error !== null && was('FAILED')) return undefined;
    if (input.is === 'refused') return 'it does not say why the input is refused';
    const { value } = input;
    if (value === 0)
      return was('DONE', 'EMPTY') && error === null && result.warnings.length === 1 ? undefined : 'the chip is blank';
    const label = classOf(value);
    if (label === null)
      return was('DONE') && /no finite number/.test(error ?? '') ? undefined : 'the chip has no class';
    return was('DONE') && error === null && result['label'] === label ? undefined : `the chip's class is ${label}`;
  }

  function problemOfFile(result: Given['results'][number], key: string): string | undefined {
    const run = String(result['run']);
    const version = world.inbox.versions.find(
      ({ scene }) =>
        scene.key === key && [...sent].some(({ asks }) => asks !== null && runId(scene, asks.model) === run),
    );
    const state = result['state'] as State;
    if (version === undefined) return 'it is of no version of the file';
    if (!(SETTLED as readonly State[]).includes(state)) return 'it was sent before the run had ended';
    if (states.get(run)?.has(state) !== true) return 'the run has never ended so';
    const { numbers } = fileOf(version.scene)!;
    if (state === 'FAILED') return result.error === null ? 'it does not say why' : undefined;
    if (numbers === null) return state === 'INVALID' && result.error !== null ? undefined : 'the file is bad';
    if (state === 'INVALID' || result.error !== null) return 'the file is good';
    if (state === 'DUPLICATE') return result['duplicateOf'] === null ? 'it does not say of what' : undefined;
    const counted = Object.values((result['counts'] ?? {}) as Record<string, number>);
    const isSo = result['chips'] === numbers.chips && result['blank'] === numbers.blank;
    const isCounted = state === 'EMPTY' || isDeepStrictEqual(inOrder(counted), inOrder(numbers.counts));
    return isSo && isCounted ? undefined : `the file holds ${JSON.stringify(numbers)}`;
  }

  /** Two answers say the same of an input, unless its run has come to another end in between. */
  function agree(one: Given['results'][number], other: Given['results'][number], own: string): boolean {
    if (one['state'] !== other['state']) return true;
    const run = String(one['run'] ?? own);
    const mayDiffer = states.get(run)?.has('FAILED') === true && (one.error !== null || other.error !== null);
    return mayDiffer || isDeepStrictEqual(one, other);
  }

  /** What is wrong now that all has come to rest and the dead letters were put back once. */
  function verify(fail: Broken): void {
    const queues = world.requests!;
    const letters = queues.letters();
    for (const body of queues.left()) fail(8, `${body.slice(0, 200)} is still in the queue`);
    for (const one of sent) {
      const own = letters.filter(({ body }) => body === one.body);
      if (keptOf(one) === undefined) {
        if (own.length === 0) fail(8, `the message ${one.body.slice(0, 60)} is lost`);
        if (own.length > queues.timesHandedOut(one.body))
          fail(8, `the message ${one.body.slice(0, 60)} is ${own.length} dead letters`);
        for (const { reason } of own)
          if (reason === null || !one.reason.test(reason))
            fail(8, `the message ${one.body.slice(0, 60)} is a dead letter because of ${reason}`);
        continue;
      }
      const { id, replyTo } = one.asks!;
      if (own.length > 0) fail(8, `the request ${id} was taken, and is a dead letter because of ${own[0]!.reason}`);
      if (replyTo !== null && !answers.has(id)) fail(9, `the request ${id} was never answered`);
      if (replyTo === null && answers.has(id)) fail(9, `the request ${id} was answered, and asked for no answer`);
    }
    for (const { body, reason } of letters)
      if (!isAnsweredBody(body) && !isTruthsBody(body) && ![...sent].some((one) => one.body === body))
        fail(9, `${body.slice(0, 200)} is a dead letter because of ${reason}`);
  }

  return { expect: (one: SentRequest) => void sent.add(one), onRow, onKept, onDone, onAnswer, verify };
}

/** Whether bytes are a request as it was sent, in whatever order of its members. */
function isSame(bytes: Uint8Array, { body, asks }: SentRequest): boolean {
  return asks !== null && isDeepStrictEqual(JSON.parse(new TextDecoder().decode(bytes)), JSON.parse(body));
}

/** The requests whose answers a note says to be due; none of another message. */
function idsOfNote(body: string): string[] {
  if (!body.startsWith('{"answers"')) return [];
  return (JSON.parse(body) as { answers: { id: string }[] }).answers.map(({ id }) => id);
}

function inOrder(counts: readonly number[]): number[] {
  return counts.filter((count) => count > 0).toSorted((one, other) => one - other);
}
