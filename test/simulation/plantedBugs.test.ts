import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Planned } from './faults.ts';
import * as bugs from './planted.ts';
import { play } from './play.ts';
import { IN_CONTAINERS, OF_A_SHADOW, OF_TWO_MODELS, SCENARIOS } from './scenarios.ts';
import { startSearchThread } from './searchThread.ts';
import type { Patch } from './stateMachine.ts';

/** What a search is worth shows by what it finds: each of these bugs takes away one of the things that a rule rests on. */

const SEED = 3;

type Bug = keyof typeof bugs;
const patches = new Map<Bug, Patch>(Object.entries(bugs) as [Bug, Patch][]);

/** The scenario whose first cases show a bug, by one of these rules; of twenty cases of one seed, or of so many of another. */
const FOUND: [bug: Bug, scenario: string, rules: number[], seed?: number, within?: number][] = [
  ['conditionSkipped', 'duplicate events at once', [3]],
  ['ledgerFirst', 'one file', [4]],
  ['predictionsLeft', 'the same bytes, and the last attempt of the first is lost', [2]],
  ['noFencing', 'a raster of three parts by a model of pixels', [1, 2, 3, 4], 4, 60],
  ['grantUnseen', 'a run that failed weeks ago, and a retry of it that is not started', [1]],
  ['doneIsSettled', 'the same bytes, and a run that is done cannot say so', [3, 7]],
  ['lossNotPassedOn', 'the same bytes, and the last attempt of the first is lost', [1]],
  [
    'duplicatesNotRenamed',
    'duplicates in batches: the batch of the first fails, and a file comes that is worked on before it',
    [1],
    1,
  ],
  ['sameFileNotWritten', 'a batch that is settled while its first worker hangs', [2]],
  ['triedAgainInBatch', 'a batch of which one file fails and another one has to be tried again', [3]],
  ['doneBeforeManifest', 'gathered files whose collect is killed between the manifest and the start', [1]],
  ['doneBeforeManifest', 'requests whose collect is killed before the start', [8]],
  ['doneBeforeManifest', 'answered predictions whose collect is killed before the start', [8]],
  ['countedInEach', 'answered predictions that come twice, late, and in other company', [2]],
  ['madeUpIsRead', 'made-up predictions, as files of the inbox and as a request', [1, 4]],
  ['answeredEarly', 'requests that come twice, late, and written otherwise', [9]],
  ['notAnnounced', 'requests whose execution dies before its first word', [1]],
  ['truthUnmarked', 'truth that comes when its day was judged, and is mended', [11]],
  ['truthUnfenced', 'words on one chip by many, of one time and of several', [11], 2],
  ['partitionForgotten', 'one file', [4]],
  ['promotedUnfenced', 'versions that two people promote at once', [12]],
  ['historyFirst', 'a candidate of an alias that shadows, is promoted, and gone back from', [12]],
  ['formerOutcomeTaken', 'a container: one file of three parts, whose last attempt is its second', [1], 2],
  ['historyForgotten', 'a clock that is set back between promotions', [12]],
  ['watermarkOfTime', 'a feed whose Items are listed late, in any order, and revised', [15]],
  ['revisionTakenForSame', 'a feed whose Items are listed late, in any order, and revised', [15]],
  ['takenUnseen', 'a feed whose Items are listed late, in any order, and revised', [15]],
];

describe('a bug that was put in on purpose is found', () => {
  const { search, stop } = startSearchThread();
  after(stop);

  for (const [planted, scenario, rules, seed = SEED, within = 20] of FOUND)
    test(`${planted}: within ${within} cases of "${scenario}", by rule ${rules.join(' or ')}`, async () => {
      const { failures } = await search({ seed, scenario, mostFailures: 1, planted, from: 0, to: within });
      assert.ok(rules.includes(failures[0]?.violations[0]?.rule ?? 0), JSON.stringify(failures[0]));
    });
});

/** In so many orders a fault is survived; in one of so many it is seen to have been survived by what a bug takes away. */
const [ORDERS, MOST_ORDERS] = [4, 12];
const hang = (site: string): Planned => ({ kind: 'hang', when: 'before', site });
const AHEAD = 'a clock that is a month ahead, and set right (embedded)';
const DELETED = 'a bulk file deleted while its batch is on its way';

/** What has to be survived, with the fault that shows it, and the bug that takes it away. */
const SURVIVED: [what: string, bug: Bug, scenario: string, planned: Planned[], says: RegExp][] = [
  [
    "a batch whose worker wakes up late brings nothing back that was taken out of the batch's predictions",
    'batchFileUnfenced',
    DELETED,
    [hang('infer:results.replace#1')],
    /holds [\w ]+,[\w ]+, and the files that are done by the batch are [\w ]+$/,
  ],
  [
    'a batch whose worker wakes up late changes no row that another attempt has written',
    'batchEndSkipsCondition',
    DELETED,
    [hang('infer:ledger.put#4')],
    /changed whose attempt|moved attempt 1 .* from FAILED to DONE/,
  ],
  [
    'a batch owns the bytes that it has claimed as long as it is open',
    'openBatchForgotten',
    'the same bytes in bulk and in the inbox',
    [hang('infer:results.replace#1')],
    /the same bytes count more than once|its bytes are owned by|is predicted more than once/,
  ],
  [
    'a clock that jumps leaves no watermark behind that hides files',
    'watermarkBelieved',
    AHEAD,
    [],
    /is not in the ledger/,
  ],
  [
    'a clock that jumps leaves no run behind that nobody may take up',
    'leaseBelieved',
    AHEAD,
    [{ kind: 'abort', when: 'after', site: 'preprocess:results.write#1' }],
    /is still (CLAIMED|PREPARED), lease 2026-04/,
  ],
  [
    'a sweep leaves a batch to its execution while that waits for a job in a container',
    'waitingTakenForLost',
    'a container: files that arrive together, and a sweep while their job waits',
    [],
    /, for which \S+ waits$/,
  ],
  [
    'a sweep asks of each live model whether it knows a file',
    'othersForgotten',
    'files of two live models, of which one has no event, and one is overwritten',
    [],
    /, by [\w-]+-beside, is not in the ledger$/,
  ],
  [
    "a shadow's failure does not fail the run",
    'shadowFailsRun',
    'files with a failing shadow, one of them twice, one bad, one empty',
    [],
    /^settle \d+ of \S+ wrote inbox\/\S+, droughtwatch-baseline\/1\.0\.0$/,
  ],
  [
    "a shadow's run does not count",
    'shadowCounts',
    'files with a sound shadow, one of them twice, one bad, one empty',
    [],
    /^infer \d+ of \S+ wrote inbox\/\S+, droughtwatch-baseline\/1\.1\.0$/,
  ],
];

describe('a fault is survived, and would not be with a bug', () => {
  for (const [what, bug, name, planned, says] of SURVIVED)
    test(what, async () => {
      const scenario = [...SCENARIOS, ...OF_TWO_MODELS, ...OF_A_SHADOW, ...IN_CONTAINERS].find(
        (one) => one.name === name,
      )!;
      const broken = async (order: number, patch?: Patch) =>
        (await play({ scenario, plan: { planned, chance: 0 }, order: [7, order] }, patch)).violations.map(
          (one) => one.what,
        );
      for (let order = 0; order < ORDERS; order += 1) assert.deepEqual(await broken(order), []);
      let isFound = false;
      for (let order = 0; order < MOST_ORDERS && !isFound; order += 1)
        isFound = (await broken(order, patches.get(bug))).some((found) => says.test(found));
      assert.ok(isFound);
    });
});
