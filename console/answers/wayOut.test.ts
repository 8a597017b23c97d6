import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNASSIGNED } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import { adviceOnRun } from '../../observability/errorAdvice.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';

const at = '2026-03-16T09:00:00.000Z';
const row = rowIn('FAILED');
const error = (name: string) => ({ error: { name, message: 'it broke', step: 'Infer', attempt: 1, at } });

const cases: [what: string, more: Partial<LedgerRow>, way: RegExp | null][] = [
  ['a failure with attempts left', error('TransientTrouble'), /^The next sweep retries it \(attempt 2 of 3\)/],
  ['a failure that is called as what every object has', error('constructor'), /^The next sweep retries it/],
  [
    'a failure without',
    { ...error('TransientTrouble'), attempt: 3 },
    /^Its 3 attempts are used up, so no sweep retries it: fix the cause, then retry it\.$/,
  ],
  ['a failure of the only attempt', { ...error('Error'), attemptLimit: 1 }, /^Its attempt is used up/],
  ['a full disk', error('DiskFull'), /^Make room\. The next sweep/],
  ['a full disk without attempts left', { ...error('DiskFull'), attempt: 3 }, /^Make room\. Its 3 attempts/],
  ['a file that was written over', error('SceneFileChanged'), /^Nothing needs to be done/],
  ['a file without a model', { ...error('NoModelPromoted'), model: UNASSIGNED }, /^Promote a version/],
  ['an invalid file', { ...error('InvalidSceneFile'), state: 'INVALID' }, /Send a corrected one into the same folder/],
  [
    'a request of which nothing can be read',
    { ...error('InvalidSceneFile'), state: 'INVALID', scene: { ...row.scene, key: 'requests/r-1.json' } },
    /^This request can never be processed\. Send a corrected one, with a new id\.$/,
  ],
  ...(['CLAIMED', 'PREPARED', 'PREDICTED', 'DONE', 'EMPTY', 'DUPLICATE'] as State[]).map(
    (state): [string, Partial<LedgerRow>, null] => [`a run that is ${state}`, { state }, null],
  ),
];
for (const [what, more, way] of cases)
  test(`what to do about ${what}`, () => {
    const found = adviceOnRun({ ...row, ...more })?.says ?? null;
    if (way === null) assert.equal(found, null);
    else assert.match(found!, way);
  });
