import type { BatchRef, SceneRef } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';

/** For tests of the ledger: what its rows are about. */

export const MODEL = { name: 'baseline', version: '1.0.0' };

/** A file like no other one. */
export const newScene = (): SceneRef => ({ bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' });

/** A row that nobody has written: of a first attempt, changed when it was claimed. */
export function rowIn<In extends State>(state: In, more: Partial<LedgerRow> & { at?: string } = {}) {
  const { at = '2026-03-01T10:00:00.000Z', ...rest } = more;
  const run = { run: 'feed', scene: { bucket: 'inbox', key: 'a', versionId: 'v1' }, model: MODEL, execution: 'e' };
  return { ...run, state, changed: at, claimedAt: at, attempt: 1, attemptLimit: 3, ...rest } satisfies LedgerRow;
}

export function batchOf(more: Partial<BatchRef> = {}): BatchRef {
  const place = { manifest: 'manifests/a.jsonl', offset: 0, length: 9, files: 1 };
  return { id: 'ab'.repeat(16), ...place, day: '2026-03-01', model: MODEL, ...more };
}
