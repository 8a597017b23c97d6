import { hash } from 'node:crypto';
import { SCENE_LIMITS } from '../core/base/limits.ts';
import { type ModelRef, runId, type SceneRef } from '../core/base/messages.ts';
import type { Invocation } from '../core/base/step.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import type { PreprocessPorts } from '../functions/preprocess/preprocess.ts';
import { openSceneIn } from '../local/buckets/sceneFiles.ts';
import { servingOf } from '../test/benches/serving.ts';
import { model } from './bundledModel.ts';

/** Ports that cost nothing, so that what is measured is the work between them; files are real. */

export const MODEL: ModelRef = { name: model.name, version: model.version };
export const INVOCATION: Invocation = { remainingSeconds: () => 900, signal: new AbortController().signal };

const freeLedger = {
  claim: async ({ scene, model: ref, execution, now, attemptLimit, fixed }) => ({
    held: true,
    row: { ...rowOf(scene, ref, execution, now), attemptLimit, ...fixed },
  }),
  renew: async ({ scene, model: ref, execution }) => rowOf(scene, ref, execution, new Date()),
  advance: async ({ scene, model: ref, execution }) => rowOf(scene, ref, execution, new Date()),
  claimContent: async ({ id }) => id,
  claimMessages: async (ids) => new Set(ids),
  ...{ ofScene: async () => [], byRun: async () => undefined },
} satisfies PreprocessPorts['ledger'];

function rowOf(scene: SceneRef, ref: ModelRef, execution: string, now: Date): LedgerRow {
  const at = now.toISOString();
  const run = { run: runId(scene, ref), scene, model: ref, execution, attempt: 1, attemptLimit: 3 };
  return { ...run, state: 'CLAIMED', changed: at, claimedAt: at };
}

/** Preprocess on the real files of an inbox's folder, with the bundled model; nobody keeps what it writes. */
export function freePreprocess(folder: string): PreprocessPorts {
  return {
    ledger: freeLedger,
    models: { serving: servingOf(MODEL), load: async () => model },
    resultsBucket: 'results',
    accept: async () => 'known',
    openResult: async (key) => Promise.reject(new Error(key)),
    openScene: openSceneIn(folder),
    writeResult: async () => {},
    listVersions: async () => [],
    removeVersion: async () => {},
    now: () => new Date(),
    chipsPerPart: 512,
    sceneLimits: SCENE_LIMITS,
    attemptLimit: 3,
    acquisitionTimePattern: '',
    leaseSeconds: 300,
  };
}

/** A scene of a laptop, whose version is its content's digest. */
export const sceneOf = (key: string, content: string | Uint8Array = key): SceneRef => ({
  bucket: 'inbox',
  key,
  versionId: sha256(content),
});

export const sha256 = (text: string | Uint8Array): string => hash('sha256', text);
