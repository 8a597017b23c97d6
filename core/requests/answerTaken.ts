import { requestKey } from '../keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerRow, SETTLED } from '../ledger/ledgerRow.ts';
import type { SceneLimits } from '../limits.ts';
import type { SceneRef } from '../messages.ts';
import type { Models } from '../models/models.ts';
import type { ReadObject } from '../objectStore.ts';
import { sceneId } from '../run.ts';
import { type Answer, makeAnswer } from './answer.ts';
import { readFound } from './readFound.ts';
import { parseRequest, type Request } from './request.ts';
import { splitRequest } from './splitRequest.ts';
import { refusalsOf, type Taken } from './taken.ts';

export type AnswerPorts = {
  ledger: Pick<Ledger, 'rowsOf'>;
  models: Pick<Models, 'load'>;
  readResult: ReadObject;
  resultsBucket: string;
  inboxBucket: string;
  inboxPrefix: string;
  sceneLimits: SceneLimits;
};

/**
 * Makes the answer of a request that was taken: null as long as one of its runs has not come to its end, unless `isDue` says
 * that nobody waits for it any longer.
 *
 * @throws ObjectNotFound where the request, or its predictions, are not in the results bucket any more
 */
export function makeAnswerTaken(ports: AnswerPorts) {
  const { ledger, readResult, resultsBucket, sceneLimits } = ports;

  return async (taken: Taken, isDue = false): Promise<{ request: Request; answer: Answer } | null> => {
    const key = requestKey(taken.id);
    const bytes = await readResult(key);
    const request = parseRequest(new TextDecoder().decode(bytes), Number.POSITIVE_INFINITY);
    const split = splitRequest(request, { bucket: ports.inboxBucket, prefix: ports.inboxPrefix });
    const versions = new Map(taken.files);
    const named = split.files.flatMap(({ index, bucket, key }): [number, SceneRef][] => {
      const versionId = versions.get(index);
      return versionId === undefined ? [] : [[index, { bucket, key, versionId }]];
    });
    const own = taken.inline === null ? null : { bucket: resultsBucket, key, versionId: taken.inline };
    const scenes = [...(own === null ? [] : [own]), ...named.map(([, scene]) => scene)];
    // Two inputs may name one file, and a look-up takes each key once.
    const distinct = [...new Map(scenes.map((scene) => [sceneId(scene), scene])).values()];
    const rows = await ledger.rowsOf(distinct, taken.model);
    if (!isDue && !distinct.every((scene) => isSettled(rows.get(sceneId(scene))))) return null;
    const model = await ports.models.load(taken.model);
    const inline = own === null ? null : (rows.get(sceneId(own)) ?? null);
    const files = new Map(
      named.flatMap(([index, scene]) => {
        const row = rows.get(sceneId(scene));
        return row === undefined ? [] : [[index, row] as const];
      }),
    );
    const kept = { object: { key, bytes }, refusals: [...split.refusals, ...refusalsOf(taken, split)] };
    const found = await readFound({ readResult, sceneLimits, bucket: resultsBucket }, kept, model, { inline, files });
    return { request, answer: makeAnswer(request, model, found) };
  };
}

function isSettled(row: LedgerRow | undefined): boolean {
  return row !== undefined && (SETTLED as readonly string[]).includes(row.state);
}
