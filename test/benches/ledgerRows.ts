import type { BatchRef, SceneRef } from '../../core/base/messages.ts';

/** For tests of the ledger: what its rows are about. */

export const MODEL = { name: 'baseline', version: '1.0.0' };

/** A file like no other one. */
export const newScene = (): SceneRef => ({ bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' });

export function batchOf(more: Partial<BatchRef> = {}): BatchRef {
  const place = { manifest: 'manifests/a.jsonl', offset: 0, length: 9, files: 1 };
  return { id: 'ab'.repeat(16), ...place, day: '2026-03-01', model: MODEL, ...more };
}
