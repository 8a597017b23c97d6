import { inOrder } from '../../base/concurrency/inOrder.ts';
import { requestKey } from '../../base/keys.ts';
import type { SceneLimits } from '../../base/limits.ts';
import { modelId, type SceneRef, sceneId } from '../../base/messages.ts';
import type { ReadObject } from '../../base/objectStore.ts';
import type { Ledger } from '../../ledger/contract.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { isRunning } from '../../ledger/states.ts';
import type { Models } from '../../releases/contract.ts';
import { predictionFiles } from '../../results/predictions.ts';
import { type AddressOf, type Answer, makeAnswer } from './answer.ts';
import { makeReadPredictions, type ReadPredictions, readFound } from './readFound.ts';
import { parseRequest, type Request, type SplitRequest, splitRequest } from './request.ts';
import { refusalsOf, type Taken } from './taken.ts';

export type AnswerPorts = {
  ledger: Pick<Ledger, 'rowsOf'>;
  models: Pick<Models, 'load'>;
  readResult: ReadObject;
  resultsBucket: string;
  inboxBucket: string;
  inboxPrefix: string;
  sceneLimits: SceneLimits;
  addressOf?: AddressOf | undefined;
};

export type Made = { request: Request; answer: Answer };

/** A request to be answered; with `isDue`, runs that have not ended are no longer waited for. */
export type Wanted = { taken: Taken; isDue: boolean };

/** Called for each request with a function that makes its answer, or null as long as one of its runs has not ended. */
export type Tell<One> = (one: One, make: () => Promise<Made | null>) => Promise<void>;

type Scenes = { own: SceneRef | null; named: [number, SceneRef][] };
type Rows = ReadonlyMap<string, LedgerRow>;

const AT_ONCE = 16;

export function makeAnswerTaken(ports: AnswerPorts) {
  const answersTaken = makeAnswersTaken(ports);
  return async (taken: Taken): Promise<Made | null> => {
    let made: Made | null = null;
    await answersTaken([{ taken, isDue: false }], async (_, make) => {
      made = await make();
    });
    return made;
  };
}

/**
 * What the requests of a batch share is read once: ledger rows by the hundred, and each predictions file. Errors of one
 * are thrown by its `make`: `ObjectNotFound` when the request or its predictions are no longer in the results bucket.
 */
export function makeAnswersTaken(ports: AnswerPorts) {
  const { ledger, readResult, resultsBucket: bucket, sceneLimits } = ports;
  const { addressOf = (key) => `s3://${bucket}/${key}` } = ports;

  return async <One extends Wanted>(wanted: readonly One[], tell: Tell<One>): Promise<void> => {
    for (const requests of Map.groupBy(wanted, ({ taken }) => modelId(taken.model)).values())
      await ofModel(requests, tell);
  };

  async function ofModel<One extends Wanted>(requests: readonly One[], tell: Tell<One>): Promise<void> {
    const scenes = new Map<One, Scenes>();
    const find = async (request: One): Promise<void> => {
      try {
        const { taken } = request;
        const own = taken.inline === null ? null : { bucket, key: requestKey(taken.id), versionId: taken.inline };
        // It has to be read only if it names files.
        const named = taken.files.length === 0 ? [] : filesNamed(taken, (await read(taken)).split);
        scenes.set(request, { own, named });
      } catch (error) {
        await tell(request, () => Promise.reject(error));
      }
    };
    await Array.fromAsync(inOrder(requests, AT_ONCE, find));
    const found = [...scenes];
    // Two inputs may name the same file, but a batch read takes each key only once.
    const distinct = new Map(found.flatMap(([, own]) => all(own).map((scene) => [sceneId(scene), scene])));
    const { model } = requests[0]!.taken;
    const rowsByScene = await ledger.rowsOf([...distinct.values()], model).catch((error: unknown) => ({ error }));
    const rowsFor = (request: One): Rows | null => {
      if ('error' in rowsByScene) throw rowsByScene.error;
      const states = all(scenes.get(request)!).map((scene) => rowsByScene.get(sceneId(scene))?.state ?? 'CLAIMED');
      return request.isDue || !states.some(isRunning) ? rowsByScene : null;
    };
    const fileOf = ([, { own }]: [One, Scenes]) => {
      const row = own === null || 'error' in rowsByScene ? undefined : rowsByScene.get(sceneId(own));
      return row && predictionFiles([row])[0]?.key;
    };
    for (const sharingFile of Map.groupBy(found, fileOf).values()) {
      const readPredictions = makeReadPredictions(readResult);
      const answers = inOrder(sharingFile, AT_ONCE, ([request, ownScenes]) =>
        tell(request, async () => {
          const rows = rowsFor(request);
          return rows === null ? null : make(request.taken, ownScenes, rows, readPredictions);
        }),
      );
      await Array.fromAsync(answers);
    }
  }

  async function read({ id }: Taken) {
    const object = { key: requestKey(id), bytes: await readResult(requestKey(id)) };
    const request = parseRequest(new TextDecoder().decode(object.bytes), Number.POSITIVE_INFINITY);
    return { object, request, split: splitRequest(request, { bucket: ports.inboxBucket, prefix: ports.inboxPrefix }) };
  }

  async function make(taken: Taken, { own, named }: Scenes, rows: Rows, readPredictions: ReadPredictions) {
    const [{ object, request, split }, model] = await Promise.all([read(taken), ports.models.load(taken.model)]);
    const inline = own === null ? null : (rows.get(sceneId(own)) ?? null);
    const ofFiles = named.map(([index, scene]) => [index, rows.get(sceneId(scene))] as const);
    const files = new Map(ofFiles.filter((of): of is [number, LedgerRow] => of[1] !== undefined));
    const found = await readFound({ readPredictions, sceneLimits }, object, model, inline);
    const refusals = [...split.refusals, ...refusalsOf(taken, split), ...found.refusals];
    return { request, answer: makeAnswer(request, model, { ...found, refusals, files, addressOf }) };
  }
}

function filesNamed(taken: Taken, { files }: SplitRequest): [number, SceneRef][] {
  const versions = new Map(taken.files);
  return files.flatMap(({ index, bucket, key }): [number, SceneRef][] => {
    const versionId = versions.get(index);
    return versionId === undefined ? [] : [[index, { bucket, key, versionId }]];
  });
}

function all({ own, named }: Scenes): SceneRef[] {
  return [...(own === null ? [] : [own]), ...named.map(([, scene]) => scene)];
}
