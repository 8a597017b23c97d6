import assert from 'node:assert/strict';
import type { PreprocessInput, SceneRef } from '../../core/base/messages.ts';
import type { OpenedScene } from '../../core/base/objectStore.ts';
import type { LogFields } from '../../core/base/step.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { makePreprocess, type PreprocessPorts } from '../../functions/preprocess/preprocess.ts';
import { makeTestResults } from './results.ts';
import { encodeScene, type TestChip } from './scenes.ts';

/** The bytes that come at once: about half a chip. */
export const CHUNK = 64;

type Store = 'accept' | 'openResult' | 'openScene' | 'writeResult' | 'listVersions' | 'removeVersion';
type Ports = Omit<PreprocessPorts, Store> & Partial<Pick<PreprocessPorts, Store>>;

/**
 * For tests: preprocess on one file, in memory unless `ports` say otherwise. Each call of a port is counted, and the
 * bytes of the file that were pulled before each write.
 */
export function makeBench(
  chips: readonly TestChip[],
  ports: Ports,
  {
    transform = (bytes: Uint8Array) => bytes,
    hasChanged = false,
    contentDigest = undefined as OpenedScene['contentDigest'],
  },
) {
  const scene: SceneRef = { bucket: 'inbox', key: `north/${crypto.randomUUID()}`, versionId: 'v1' };
  const file = transform(encodeScene(chips));
  const calls = new Map<string, number>();
  const results = makeTestResults();
  const bytesPulledAtWrite: number[] = [];
  let pulled = 0;

  const counted =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return call(...args);
    };

  async function* chunks() {
    for (let at = 0; at < file.length; at += CHUNK) {
      const chunk = file.subarray(at, at + CHUNK);
      pulled += chunk.length;
      yield chunk;
    }
  }

  const open = async (): Promise<OpenedScene> => ({
    size: file.length,
    lastModified: new Date('2026-02-28T12:00:00.000Z'),
    chunks: chunks(),
    range: rangesIn(file),
    ...(contentDigest && { contentDigest }),
    close: counted('close', () => {}),
    hasChanged: counted('hasChanged', async () => hasChanged),
  });

  const write = async (key: string, bytes: Uint8Array) => {
    bytesPulledAtWrite.push(pulled);
    results.put(key, bytes);
  };

  const { ledger, models } = ports;
  const work = makePreprocess({
    ...ports,
    ledger: {
      claim: counted('claim', ledger.claim),
      renew: counted('renew', ledger.renew),
      advance: counted('advance', ledger.advance),
      claimContent: counted('claimContent', ledger.claimContent),
      claimMessages: counted('claimMessages', ledger.claimMessages),
      ofScene: counted('ofScene', ledger.ofScene),
      byRun: counted('byRun', ledger.byRun),
    },
    models: { serving: counted('serving', models.serving), load: counted('load', models.load) },
    accept: counted('accept', ports.accept ?? (() => assert.fail('one model is live'))),
    openResult: ports.openResult ?? (() => assert.fail('no map is its mask')),
    openScene: counted('openScene', ports.openScene ?? open),
    writeResult: counted('writeResult', ports.writeResult ?? write),
    listVersions: counted('listVersions', ports.listVersions ?? results.ports.listVersions),
    removeVersion: counted('removeVersion', ports.removeVersion ?? results.ports.removeVersion),
  });
  const log: LogFields = {};
  const preprocess = (event: PreprocessInput['scene'] = { scene }, signal = new AbortController().signal) =>
    work({ scene: event, execution: 'first' }, { remainingSeconds: () => 900, signal }, log);

  return {
    scene,
    file,
    calls,
    results,
    log,
    bytesPulledAtWrite,
    bytesPulled: () => pulled,
    /** What was done to a file that should have been left alone. */
    touched: () => ({ written: results.objects.size, pulled, closed: calls.get('close') }),
    preprocess,
  };
}
