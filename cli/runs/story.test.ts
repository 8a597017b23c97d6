import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UNASSIGNED } from '../../core/base/messages.ts';
import type { LedgerRow, RunError } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import advice from '../../observability/errorAdvice.json' with { type: 'json' };
import type { LogLine } from '../../observability/logs.ts';
import { wrapped } from '../terminal/output.ts';
import { type Story, storyOf, withLog } from './show.ts';

const NAMES_WITH_ADVICE = advice.flatMap(({ errors }) => errors);

/** What a run's story says in each state. */

const now = new Date('2026-03-01T10:00:00.000Z');
const where = { dataDir: '.swath', stage: 'dev', region: 'eu-west-1' };
const AT_STAGE = '--stage dev --region eu-west-1';
const run = 'feed'.repeat(8);
const execution = `arn:aws:states:eu-west-1:123456789012:execution:swath-dev-pipeline:${run}-3`;

function row(state: State, more: Partial<LedgerRow> = {}): LedgerRow {
  const scene = { bucket: 'inbox', key: 'north/2026/scene.tfrecord', versionId: 'v1' };
  const model = { name: 'baseline', version: '1.0.0' };
  const times = { changed: '2026-03-01T09:00:00.000Z', claimedAt: '2026-03-01T08:59:00.000Z' };
  return { run, scene, model, execution, attempt: 3, attemptLimit: 3, state, ...times, ...more };
}

function failure(attempt: number, more: Partial<RunError> = {}): RunError {
  const at = `2026-03-0${attempt}T09:00:00.000Z`;
  const by = execution.replace(/-3$/, `-${attempt}`);
  return { name: 'TransientTrouble', message: 'It was slow.', step: 'Infer', attempt, at, execution: by, ...more };
}

function told(one: LedgerRow, more: Partial<Story> = {}): string {
  return storyOf({ row: one, results: null, where, now, inboxPrefix: '', ...more }).join('\n');
}

/** What it says of what to do: the sentences in one line, and the commands. */
function nextSteps(one: LedgerRow, more: Partial<Story> = {}) {
  const [, after = ''] = told(one, more).split('\nwhat now\n');
  const lines = after.split('\n').map((line) => line.trim());
  return {
    says: lines.filter((line) => !line.startsWith('$ ')).join(' '),
    commands: lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice('$ npx swath '.length)),
  };
}

describe('of a failed run, it shows', () => {
  test('how each attempt failed: when, in which step, of what, by which execution', () => {
    const failures = [
      failure(1),
      failure(2, { name: 'States.Timeout', step: 'Preprocess', message: 'cut' }),
      failure(3),
    ];
    const story = told(row('FAILED', { failures, error: failures[2]! }));
    assert.match(
      story,
      new RegExp(
        [
          '^what failed',
          `  TransientTrouble in Infer, attempt 1, 2026-03-01T09:00:00\\.000Z  by ${run}-1`,
          '    It was slow\\.',
          `  States\\.Timeout in Preprocess, attempt 2, 2026-03-02T09:00:00\\.000Z  by ${run}-2`,
          '    cut',
          `  TransientTrouble in Infer, attempt 3, 2026-03-03T09:00:00\\.000Z  by ${run}-3`,
          '    It was slow\\.$',
        ].join('\n'),
        'm',
      ),
    );
  });

  test('the last failure whole, where the row keeps the former ones in short', () => {
    const error = failure(3, { message: 'whole' });
    const story = told(row('FAILED', { failures: [failure(2), { ...error, message: 'who' }], error }));
    assert.match(story, /^ {4}whole$/m);
    assert.doesNotMatch(story, /^ {4}who$/m);
  });

  test('of many failures the newest, and how many there were before', () => {
    const failures = Array.from({ length: 9 }, (_, i) => failure(i + 1));
    const story = told(row('FAILED', { failures, error: failures[8]! }));
    assert.match(story, /\nwhat failed\n {2}6 earlier failures: --json tells\n {2}\S+ in Infer, attempt 7,/);
  });

  test('that the next sweep tries it again, or that its attempts are used up, with commands to copy', () => {
    assert.deepEqual(nextSteps(row('FAILED', { attempt: 2, error: failure(2) })), {
      says: 'The next sweep retries it (attempt 3 of 3); a retry does so now.',
      commands: [`doctor ${AT_STAGE}`, `retry ${run} ${AT_STAGE}`],
    });
    assert.match(
      nextSteps(row('FAILED', { error: failure(3) })).says,
      /^Its 3 attempts are used up, so no sweep retries it: fix the cause, then retry it\.$/,
    );
  });

  for (const name of NAMES_WITH_ADVICE)
    test(`what ${name} asks for`, () => {
      const { says, commands } = nextSteps(row('FAILED', { error: failure(3, { name }) }));
      assert.match(says, /^[A-Z].*\.$/);
      assert.doesNotMatch(commands.join(), /\bRUN\b/);
      assert.equal(commands.includes(`retry ${run} ${AT_STAGE}`), name !== 'SceneFileChanged');
    });

  test('that a file without a model waits for one', () => {
    const error = failure(1, { name: 'NoModelPromoted' });
    const { says, commands } = nextSteps(row('FAILED', { model: UNASSIGNED, error }));
    assert.match(says, /^Promote a version of the model: the next sweep then starts this file\.$/);
    assert.ok(commands.includes(`model promote VERSION ${AT_STAGE}`));
  });
});

describe('of a running run, it shows', () => {
  const running = row('PREPARED', { attempt: 1, lease: '2026-03-01T10:05:00.000Z' });
  const late = { ...running, lease: '2026-03-01T09:55:00.000Z' };

  test('until when its lease holds, and that its execution is at work', () => {
    assert.match(told(running, { execution: { status: 'RUNNING' } }), /\n {2}lease +until 2026-03-01T10:05:00\.000Z\n/);
    assert.deepEqual(nextSteps(running, { execution: { status: 'RUNNING' } }), {
      says: 'It is in progress: its execution is running.',
      commands: [`logs --run ${run} --since 3d --follow ${AT_STAGE}`],
    });
  });

  for (const [status, why] of [
    [{ status: 'FAILED', error: 'TIMED_OUT' }, ' (TIMED_OUT)'],
    [{ status: 'FAILED', error: 'NotSettled', cause: 'no table' }, ' (NotSettled: no table)'],
    [{ status: 'SUCCEEDED' }, ''],
    [{ status: 'UNKNOWN' }, ''],
  ] as const)
    test(`that its execution has ended without a word: ${JSON.stringify(status)}`, () => {
      const { says, commands } = nextSteps(late, { execution: status });
      assert.equal(
        says,
        `Its execution has ended without recording a result in the ledger${why}. The next sweep settles it and retries it.`,
      );
      assert.equal(commands[0], `sweep ${AT_STAGE}`);
    });

  test('that the sweep waits for its lease, and what happens after the last attempt', () => {
    const last = { ...running, attempt: 3 };
    const { says } = nextSteps(last, { execution: { status: 'SUCCEEDED' } });
    assert.match(says, /The first sweep after its lease expires settles it as FAILED\.$/);
  });

  test('that its execution cannot be read', () => {
    assert.match(
      nextSteps(running, { execution: null }).says,
      /^It is unknown whether its execution is still running\.$/,
    );
  });
});

describe('of the same bytes under several names, it shows', () => {
  const duplicate = row('DUPLICATE', { duplicateOf: 'beef', attempt: 1 });
  for (const [owner, says] of [
    [row('DONE'), /^Nothing: the same bytes count once/],
    [row('PREDICTED'), /is on its way\. If it fails, a duplicate takes its place\.$/],
    [row('FAILED', { attempt: 2 }), /its duplicates are tried in its place, and the next sweep tries it again\.$/],
    [row('FAILED'), /FAILED for good: a duplicate takes its place, at once or with the next sweep\.$/],
    [row('INVALID'), /is INVALID: they can never be processed, under any name\.$/],
    [null, /^The same bytes count once, in another run\.$/],
  ] as const)
    test(`a duplicate of what is ${owner?.state ?? 'gone'}${owner?.state === 'FAILED' ? `, attempt ${owner.attempt}` : ''}`, () => {
      const way = nextSteps(duplicate, { owner });
      assert.match(way.says, says);
      assert.equal(way.commands.at(-1), `show beef ${AT_STAGE}`);
      const name = owner === null ? '' : ` ${owner.state}  north/2026/scene.tfrecord`;
      assert.match(told(duplicate, { owner }), new RegExp(`\n {2}duplicate of +beef${name}\n`));
    });

  test('a duplicate of a file that has other bytes: its own has grown since', () => {
    const { says } = nextSteps({ ...duplicate, digest: 'a' }, { owner: row('DONE', { digest: 'b' }) });
    assert.equal(says, 'Nothing: the file has grown since, and the longer one has its own run.');
  });

  test('which duplicates wait for a run', () => {
    assert.match(told(row('DONE'), { duplicates: ['a', 'b'] }), /\n {2}duplicates +a, b\n/);
    assert.match(told(row('DONE'), { duplicates: ['a', 'b', 'c', 'd'] }), /\n {2}duplicates +a, b, c, …\n/);
  });
});

test('of a done run, it shows where its predictions are, and its earlier errors', () => {
  const done = row('DONE', { day: '2026-03-01', parts: 3, failures: [failure(1)] });
  const story = told(done, { results: '/data/results' });
  assert.match(
    story,
    new RegExp(
      `predictions +/data/results/predictions/model=baseline/version=1\\.0\\.0/date=2026-03-01/${run}-\\*\\.parquet \\(3 files\\)\n`,
    ),
  );
  assert.match(
    told({ ...done, parts: 1 }),
    /predictions +predictions\/model=\S+-00000\.parquet\n/,
    'the key, on a stage',
  );
  assert.match(story, /\nwhat failed before\n {2}TransientTrouble in Infer, attempt 1, /);
  assert.equal(nextSteps(done).says, 'Nothing: it is done, and counts on 2026-03-01.');
  assert.match(
    nextSteps(done, { isTrial: true }).says,
    /^Nothing: it is done\. .* published for a trial, so it counts in no day /,
  );
});

test('of predictions held against a provisional reference, it shows no score, but how to make a reference', () => {
  const chiSquare = { statistic: null, degreesOfFreedom: 3, pValue: 0 };
  const scores = {
    jensenShannon: 0.8,
    noiseFloor: 0.1,
    psi: 18.4,
    chiSquare,
    n: 9,
    verdict: 'not enough data',
  } as const;
  const story = told(row('DONE', { drift: { ...scores, isProvisional: true } }));
  assert.match(story, /\n {2}drift +not enough data: the reference is provisional\. Make .* npx swath model profile /);
  assert.doesNotMatch(story, /chi-square|PSI|noise floor/);
  assert.match(told(row('DONE', { drift: scores })), /\n {2}chi-square +infinite at 3 .*\n {2}PSI +18\.4000\n/s);
});

test('of an invalid file, and of an empty one, it says that there is nothing to retry', () => {
  const invalid = row('INVALID', { error: failure(1, { name: 'InvalidSceneFile' }) });
  assert.deepEqual(nextSteps(invalid), {
    says: 'This file can never be processed. Send a corrected one into the same folder of the inbox: it gets its own run.',
    commands: [`send FILE --key-prefix north/2026 ${AT_STAGE}`],
  });
  assert.deepEqual(nextSteps({ ...invalid, scene: { ...invalid.scene, key: 'requests/r-1.json' } }), {
    says: 'This request can never be processed. Send a corrected one, with a new id.',
    commands: [`request FILE ${AT_STAGE}`],
  });
  for (const [key, command] of [
    ['0123456789ab/scene', 'send FILE'],
    ["crop's/0123456789ab/scene", "send FILE --key-prefix 'crop'\\''s'"],
    ['crops/a.zarr/zarr.json', 'send FILE --key-prefix crops'],
  ] as const)
    assert.deepEqual(nextSteps({ ...invalid, scene: { ...invalid.scene, key } }).commands, [`${command} ${AT_STAGE}`]);
  const ofInbox = { ...invalid, scene: { ...invalid.scene, key: 'inbox/crops/scene' } };
  assert.deepEqual(nextSteps(ofInbox, { inboxPrefix: 'inbox/' }).commands, [
    `send FILE --key-prefix crops ${AT_STAGE}`,
  ]);
  assert.match(nextSteps(row('EMPTY')).says, /all its chips are blank/);
});

describe('below, it shows the log', () => {
  const line: LogLine = {
    id: '1',
    time: '2026-03-01T09:00:49.000Z',
    function: 'infer',
    event: 'infer.failed',
    fields: { run, execution, part: 49 },
    text: null,
  };

  test('its newest lines, without what the story says, and how to see more', () => {
    const lines = Array.from({ length: 40 }, (_, i) => ({ ...line, fields: { ...line.fields, part: i } }));
    const screen = withLog(['story'], row('FAILED'), lines, where);
    assert.match(screen, /^story\n\nlog\n(.*part=.*\n){15}There may be more: npx swath logs --run feed/);
    assert.match(screen, /\n {2}2026-03-01T09:00:49\.000Z {2}infer FAILED {2}part=39\nThere/);
    assert.doesNotMatch(withLog(['story'], row('FAILED'), [line], where), /more/);
  });

  test('that there is none', () => {
    assert.match(
      withLog(['story'], row('DONE'), [], where),
      /^story\n\nThere are no log lines of it from these days\.$/,
    );
  });
});

test('the violated rules of data quality are listed, the first few of many', () => {
  const violation = { band: 'B5\u202e', violation: 'constant band' as const, text: 'all its values are 0' };
  assert.match(
    told(row('DONE'), { violations: [violation] }),
    /\ndata quality\n {2}B5\\u202e, constant band: all its values are 0\.\n\n/,
  );
  assert.match(told(row('DONE'), { violations: new Array(7).fill(violation) }), /\n {2}… and 5 more: --json tells\n/);
  assert.doesNotMatch(told(row('DONE')), /data quality/);
});

test('text is wrapped between words, and within one that is too long', () => {
  assert.deepEqual(wrapped('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapped('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij']);
  assert.deepEqual(wrapped('one two three four', 7, 2), ['one two', 'three…']);
  assert.deepEqual(wrapped('', 7), ['']);
  assert.deepEqual(wrapped('面面面', 4), ['面面', '面'], 'by what a terminal takes');
});
