import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startSearchThread } from './searchThread.ts';

/** What a search is worth shows by what it finds: each of these bugs takes away one of the things that a rule rests on. */

const SEED = 3;

describe('a bug that was put in on purpose is found', () => {
  const { search, stop } = startSearchThread();
  after(stop);

  for (const { what, planted, scenario, within = 20, rules } of [
    {
      what: 'a claim without its condition',
      planted: 'conditionSkipped',
      scenario: 'duplicate events at once',
      rules: [3],
    },
    { what: 'the ledger is written before the result', planted: 'ledgerFirst', scenario: 'one file', rules: [4] },
    {
      what: 'predictions of what has failed are left',
      planted: 'predictionsLeft',
      scenario: 'the same bytes, and the last attempt of the first is lost',
      rules: [2],
    },
    {
      what: 'a write without its fence',
      planted: 'noFencing',
      scenario: 'a raster of three parts by a model of pixels',
      within: 150,
      rules: [1, 2, 3, 4],
    },
    {
      what: 'an attempt is granted that no sweep sees',
      planted: 'grantUnseen',
      scenario: 'a run that failed weeks ago, and a retry of it that is not started',
      rules: [1],
    },
    {
      what: 'a done run is settled as if it had failed',
      planted: 'doneIsSettled',
      scenario: 'the same bytes, and a run that is done cannot say so',
      rules: [3, 7],
    },
    {
      what: 'a lost last attempt is not passed on',
      planted: 'lossNotPassedOn',
      scenario: 'the same bytes, and the last attempt of the first is lost',
      rules: [1],
    },
    {
      what: 'a content passes on, and its duplicates name its former owner',
      planted: 'duplicatesNotRenamed',
      scenario: 'duplicates in batches: the batch of the first fails, and a file comes that is worked on before it',
      within: 150,
      rules: [1],
    },
    {
      what: "a batch's last write is left out",
      planted: 'sameFileNotWritten',
      scenario: 'a batch that is settled while its first worker hangs',
      rules: [2],
    },
    {
      what: 'a batch tries again what failed in it',
      planted: 'triedAgainInBatch',
      scenario: 'a batch of which one file fails and another one has to be tried again',
      rules: [3],
    },
    {
      what: 'a message is done with before its manifest is written',
      planted: 'doneBeforeManifest',
      scenario: 'gathered files whose collect is killed between the manifest and the start',
      rules: [1],
    },
    {
      what: "a request's message is done with before its manifest is written",
      planted: 'doneBeforeManifest',
      scenario: 'requests whose collect is killed before the start',
      rules: [8],
    },
    {
      what: 'a message of predictions counts in each object that has it',
      planted: 'countedInEach',
      scenario: 'answered predictions that come twice, late, and in other company',
      rules: [2],
    },
    {
      what: 'predictions that somebody has made up are read from the inbox',
      planted: 'madeUpIsRead',
      scenario: 'made-up predictions, as files of the inbox and as a request',
      rules: [1, 4],
    },
    {
      what: 'a message of predictions is done with before its manifest is written',
      planted: 'doneBeforeManifest',
      scenario: 'answered predictions whose collect is killed before the start',
      rules: [8],
    },
    {
      what: 'an answer is sent before its run has ended',
      planted: 'answeredEarly',
      scenario: 'requests that come twice, late, and written otherwise',
      rules: [9],
    },
    {
      what: 'an execution is started for a request, and no row says so',
      planted: 'notAnnounced',
      scenario: 'requests whose execution dies before its first word',
      rules: [1],
    },
    {
      what: 'truth counts, and its day is not due',
      planted: 'truthUnmarked',
      scenario: 'truth that comes when its day was judged, and is mended',
      rules: [11],
    },
    {
      what: 'what is true is written over what others have said meanwhile',
      planted: 'truthUnfenced',
      scenario: 'words on one chip by many, of one time and of several',
      within: 150,
      rules: [11],
    },
    {
      what: 'predictions are written into a partition that SQL does not know',
      planted: 'partitionForgotten',
      scenario: 'one file',
      rules: [4],
    },
    {
      what: 'what is promoted is written over what others have promoted meanwhile',
      planted: 'promotedUnfenced',
      scenario: 'versions that two people promote at once',
      rules: [12],
    },
    {
      what: 'the history has a promotion before it takes effect',
      planted: 'historyFirst',
      scenario: 'a candidate of an alias that shadows, is promoted, and gone back from',
      rules: [12],
    },
    {
      what: 'the history is never completed',
      planted: 'historyForgotten',
      scenario: 'a clock that is set back between promotions',
      rules: [12],
    },
  ] as const)
    test(`${what}: within ${within} cases of "${scenario}", by rule ${rules.join(' or ')}`, async () => {
      const { failures } = await search({ seed: SEED, scenario, mostFailures: 1, planted, from: 0, to: within });
      const expected: readonly number[] = rules;
      assert.ok(expected.includes(failures[0]?.violations[0]?.rule ?? 0), JSON.stringify(failures[0]));
    });
});
