import { parquetReadObjects } from 'hyparquet';
import { type ModelRef, runId, type SceneRef } from '../../core/base/messages.ts';
import { RESULTS } from '../../local/buckets/inbox.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { isAnsweredBody, type SentAnswered } from './answered.ts';
import { type Numbers, numbersOf, type SceneFile } from './files.ts';
import { digestOf, type Version } from './inbox.ts';
import { classOf, MODEL } from './model.ts';
import type { Kept } from './requestRules.ts';
import type { Violation } from './violation.ts';
import type { World } from './world.ts';

/** What may become of predictions that were given over HTTP: each message counts once, or is a dead letter that says why not. */

type Broken = (rule: Violation['rule'], what: string) => void;

type Options = {
  broken: Broken;
  hasStarted: (scene: SceneRef, model: ModelRef, inputs: ReadonlyMap<string, unknown>) => boolean;
};

export function makeAnsweredRules(world: World, { broken, hasStarted }: Options) {
  const sent = new Map<string, SentAnswered>();
  /** The messages of each object that they were gathered in. */
  const gathers = new Map<Version, string[]>();

  /** The run that has claimed a message. */
  function ownerOf(id: string): unknown {
    return world.tables.items(LEDGER_TABLE).find(({ scene }) => scene === `answered#${id}`)?.['owner'];
  }

  /** Messages are gathered as they were sent, and what is written stays; it is a scene file from now on. */
  function onGathered(key: string, bytes: Uint8Array): Kept | undefined {
    const lines = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n').slice(0, -1);
    const ids = lines.map((line) => {
      const { request, part } = JSON.parse(line).answered;
      if (sent.get(`${request}/${part}`)?.body !== line)
        broken(8, `${key} has a message that nobody has sent so: ${line}`);
      return `${request}/${part}`;
    });
    if (key !== `answered/${digestOf(bytes)}.jsonl`) broken(8, `${key} is not named by its content`);
    if ([...gathers.keys()].some(({ scene }) => scene.key === key)) broken(8, `${key} was written once more`);
    const { versionId, lastModified } = world.results.find(key)!;
    const scene = { bucket: RESULTS, key, versionId };
    const version = { scene, bytes, lastModified: new Date(lastModified), isSeen: true, isGone: false };
    gathers.set(version, ids);
    const run = runId(scene, MODEL);
    const numbersOfThose = (isMeant: (one: SentAnswered) => boolean) =>
      numbersOf(
        ids.flatMap((id) => {
          const one = sent.get(id)!;
          return one.values.map((value) => (ownerOf(id) === run && isMeant(one) ? value : null));
        }),
      );
    const file: SceneFile = {
      bytes,
      digest: digestOf(bytes),
      /** What it counts is what its run has claimed by now: of other messages its chips have places alone. */
      get numbers(): Numbers {
        return numbersOfThose(() => true);
      },
      get shadowed(): Numbers {
        return numbersOfThose(({ isShadowed }) => isShadowed);
      },
    };
    return { version, file, model: MODEL };
  }

  /** Nobody need know of an object whose messages others count: its collect was killed, and they were gathered again. */
  function isLeftOver({ scene }: Version): boolean {
    const ids = [...gathers].find(([version]) => version.scene.key === scene.key)?.[1];
    return ids?.every((id) => ownerOf(id) !== runId(scene, MODEL)) === true;
  }

  /** A message is done with when a batch looks after an object that has it; or when it is a dead letter. */
  function onDone(body: string, inputs: ReadonlyMap<string, unknown>): void {
    const id = [...sent.values()].find((one) => one.body === body)?.id;
    const isStarted = [...gathers].some(
      ([{ scene }, ids]) => ids.includes(String(id)) && hasStarted(scene, MODEL, inputs),
    );
    const isThere = [...world.requests!.letters().map((letter) => letter.body), ...world.requests!.left()].includes(
      body,
    );
    if (!isStarted && !isThere) broken(8, `the predictions ${id} are done with, and nothing was started for them`);
  }

  /** Now that all has come to rest, as somebody who reads the Parquet files alone counts it. */
  async function verify(fail: Broken, stateOf: (run: unknown) => unknown): Promise<void> {
    if (sent.size === 0) return;
    const letters = world.requests!.letters().filter(({ body }) => isAnsweredBody(body));
    const rows: Record<string, unknown>[] = [];
    for (const key of world.results.keys())
      if (key.startsWith('predictions/'))
        rows.push(...(await parquetReadObjects({ file: world.results.get(key)!.slice().buffer })));
    for (const { id, body, values, reason } of sent.values()) {
      const why = letters.find((letter) => letter.body === body)?.reason;
      if (reason !== null) {
        if (!reason.test(why ?? ''))
          fail(8, `the predictions ${id} can never be counted, and ${why ?? 'nothing says so'}`);
        continue;
      }
      if (why !== undefined) fail(8, `the predictions ${id} are a dead letter because of ${why}`);
      const owner = ownerOf(id);
      if (owner === undefined) fail(8, `the predictions ${id} are lost`);
      if (stateOf(owner) === 'FAILED') continue; // whether it may have failed is another rule's
      const [request, part] = id.split('/');
      for (const [i, value] of values.entries()) {
        const place = String(Number(part) * 100 + i);
        const found = rows.filter((row) => row['request_id'] === request && row['member'] === place);
        const label = found[0]?.['label'] ?? null;
        if (found.length !== (value === 0 ? 0 : 1) || (value !== 0 && label !== classOf(value)))
          fail(
            2,
            `input ${place} of ${request}, of class ${classOf(value)}, is there ${found.length} times as ${label}`,
          );
      }
    }
  }

  return { expect: (one: SentAnswered) => void sent.set(one.id, one), onGathered, onDone, isLeftOver, verify };
}
