import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CANARY_FOLDER, COMPANION_ENDINGS, companionEnding, HDF5_ENDINGS } from '../core/base/keys.ts';
import { MAX_KEY_BYTES, MAX_NAME_LENGTH, MAX_PARTS, MAX_VERSION_ID_LENGTH } from '../core/base/limits.ts';
import {
  batchEventInput,
  lastWordInput,
  type PartResult,
  type RunRef,
  type SettleInput,
  type ShadowCall,
  type ShadowRef,
  shadowInput,
  sweepInput,
} from '../core/base/messages.ts';
import { leftOut } from '../core/batches/batchResult.ts';
import { readDefinition } from '../local/stack/service.ts';
import { batchOf } from '../test/benches/ledgerRows.ts';
import { EXECUTION, type Fake, failure, runPipeline } from '../test/stateMachine/runPipeline.ts';

/** Every branch of the state machine, run on fakes of its functions. */

// What S3 sends; the key holds what an input template would have to quote.
const event = {
  version: '0',
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: {
    version: '0',
    bucket: { name: 'swath-inbox' },
    object: { key: 'north/"a"\n\\part-r-00012', size: 3, etag: 'e', 'version-id': 'v1', sequencer: '0055' },
    reason: 'PutObject',
  },
};
const run: RunRef = {
  id: '0f'.repeat(16),
  scene: { bucket: 'swath-inbox', key: 'a', versionId: 'v1' },
  model: { name: 'droughtwatch-baseline', version: '1.0.0' },
  attempt: 1,
  execution: EXECUTION,
  digest: 'ab'.repeat(32),
  day: '2026-03-01',
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const [MOST_BYTES, MOST_EVENTS] = [256 * 1024, 25_000];
/** A function is scheduled, begins, and ends; around it a state is entered and left, and around that an iteration. */
const EVENTS_OF_A_TRY = 3;
const EVENTS_OF_A_STATE = EVENTS_OF_A_TRY + 2;
const EVENTS_OF_A_PART = EVENTS_OF_A_STATE + 2;

const ready = (parts: number): Fake =>
  answer({ status: 'ready', run, parts: Array.from({ length: parts }, (_, i) => i) });
const infer: Fake = ({ part }: { part: number }): PartResult => ({ part });
const scene = {
  preprocess: ready(1),
  infer,
  drift: answer({ status: 'judged', verdict: 'no drift' }),
  settle: (({ step, error }: SettleInput) => ({ error: error.Error, cause: `${step}: ${error.Cause}` })) as Fake,
};
/** The same of a model of pixels. */
const ofPixels = (parts: number) => ({
  ...scene,
  preprocess: answer({ status: 'ready', map: true, run, parts: Array.from({ length: parts }, (_, i) => i) }),
  mosaic: answer({ maps: ['maps/a.tif'] }),
});
const swept = { started: 0, settled: 0, batches: [], bulkFailedShare: 0, bulkCause: 'Of 4 …', folder: null };
const daily = {
  discover: answer({ ...swept, cursor: null }),
  drift: answer({ judged: [{ day: '2026-03-01', model: run.model, revision: 1, verdict: null }] }),
  report: answer({ reports: [], leftOut: [], revised: ['2026-03-01'] }),
  settle: scene.settle,
};

describe('a scene file', () => {
  const upToDrift = ['Scene or sweep?', 'Preprocess', 'Prepared?', 'Infer', 'Drift', 'Judged?'];
  const prepared = upToDrift.slice(0, 3);
  const empty = ['Watch blanks', 'Judged?', 'Empty'];
  const watched = answer({ status: 'watched' });
  const cases: [string, Partial<Record<string, Fake>>, path: string[]][] = [
    ['of one part is done', scene, [...upToDrift, 'Done']],
    ['of three parts is done', { ...scene, preprocess: ready(3) }, [...upToDrift, 'Done']],
    [
      'none of whose outputs is finite is done without a verdict',
      { ...scene, drift: answer({ status: 'unjudged', verdict: null }) },
      [...upToDrift, 'Done without a verdict'],
    ],
    [
      'by a model of pixels is done once there is a map of it',
      ofPixels(2),
      [...upToDrift.slice(0, 3), 'Infer pixels', 'Mosaic', 'Drift', 'Judged?', 'Done'],
    ],
    ['of blanks only is empty', { preprocess: ended('empty'), drift: watched }, [...prepared, ...empty]],
    ['of no part is empty', { ...scene, preprocess: ready(0), drift: watched }, [...upToDrift, 'Empty']],
    ['whose bytes came before is a duplicate', { preprocess: ended('duplicate') }, [...prepared, 'Duplicate']],
    ['that was done before is left alone', { preprocess: ended('settled') }, [...prepared, 'Nothing to do']],
    ['that another execution has is left alone', { preprocess: ended('claimed') }, [...prepared, 'Nothing to do']],
  ];
  for (const [title, fakes, path] of cases) {
    it(title, async () => {
      const execution = await runPipeline(event, fakes);
      assert.deepEqual(execution.path, path);
      assert.equal(execution.failure, null);
    });
  }

  // Standard workflows charge for each state that is entered, those of a Map's iterations among them:
  // https://aws.amazon.com/step-functions/pricing/
  it('is charged for eight state transitions, and one more for each part after the first', async () => {
    for (const [parts, transitions] of [
      [1, 8],
      [2, 9],
      [30, 37],
    ] as const)
      assert.equal((await runPipeline(event, { ...scene, preprocess: ready(parts) })).transitions, transitions);
  });

  it('of as many parts as it may have passes through, and has events left for each of them to be tried again', async () => {
    const [bucket, key, versionId] = ['b'.repeat(63), 'é'.repeat(MAX_KEY_BYTES / 2), 'v'.repeat(MAX_VERSION_ID_LENGTH)];
    const model = { name: 'm'.repeat(MAX_NAME_LENGTH), version: 'v'.repeat(MAX_NAME_LENGTH) };
    const longest: RunRef = { ...run, scene: { bucket, key, versionId }, model };
    const preprocess = { status: 'ready', run: longest, parts: Array.from({ length: MAX_PARTS }, (_, part) => part) };
    const { calls, path, transitions } = await runPipeline(event, { ...scene, preprocess: answer(preprocess) });
    assert.equal(path.at(-1), 'Done');
    const { parts: inferred } = calls.at(-1)!.message as { parts: PartResult[] };
    assert.equal(inferred.length, MAX_PARTS);
    const bytes = Buffer.byteLength(JSON.stringify({ ...preprocess, inferred, judged: scene.drift }));
    assert.ok(bytes < MOST_BYTES / 4, `${bytes} bytes pass from state to state`);
    const events = EVENTS_OF_A_PART * MAX_PARTS + EVENTS_OF_A_STATE * (transitions - MAX_PARTS);
    assert.ok(events + EVENTS_OF_A_TRY * MAX_PARTS < MOST_EVENTS, `${events} events`);
  });

  it('is handed from step to step as each step asks for it', async () => {
    const { calls } = await runPipeline(event, { ...scene, preprocess: ready(3) });
    const parts = [0, 1, 2];
    assert.deepEqual(calls, [
      { name: 'preprocess', message: { scene: event, execution: EXECUTION } },
      ...parts.map((part) => ({ name: 'infer', message: { run, part } })),
      { name: 'drift', message: { run, parts: parts.map((part) => infer({ part } as never, 1)) } },
    ]);
  });

  it('by a model of pixels is handed on with all of its parts to be joined, and then to be judged', async () => {
    const { calls, transitions } = await runPipeline(event, ofPixels(2));
    const parts = [{ part: 0 }, { part: 1 }];
    assert.deepEqual(calls, [
      { name: 'preprocess', message: { scene: event, execution: EXECUTION } },
      ...[0, 1].map((part) => ({ name: 'infer', message: { run, part } })),
      { name: 'mosaic', message: { run, parts } },
      { name: 'drift', message: { run, parts } },
    ]);
    assert.equal(transitions, 10, 'one more than of any other model');
  });

  const blank = { ...scene, preprocess: ended('empty') };
  for (const [what, fakes, steps] of [
    ['of chips', scene, ['preprocess', 'infer', 'drift']],
    ['of pixels', ofPixels(1), ['infer', 'mosaic', 'drift']],
    ['of chips, whose chips are blank,', blank, ['drift']],
  ] as const)
    for (const step of steps)
      it(`by a model ${what} is left to the execution that took it over before ${step}`, async () => {
        const execution = await runPipeline(event, { ...fakes, [step]: thrown('ClaimLost') });
        assert.deepEqual([execution.path.at(-1), execution.failure], ['Nothing to do', null]);
        assert.deepEqual([count(execution, step), count(execution, 'settle')], [1, 0]);
      });
});

describe('a shadow of a run that is done', () => {
  const shadow: ShadowRef = { run, model: { ...run.model, version: '2.0.0' }, parts: 3, chips: 9, blank: 1 };
  const input = shadowInput(shadow);
  const begins = ['Scene or sweep?', 'Shadow'];
  const inOneCall: Fake = () => ({ left: 0 });

  it('is classified by one call, by four transitions, whatever its parts', async () => {
    const { path, calls, transitions, failure } = await runPipeline(input, { infer: inOneCall });
    assert.deepEqual(path, [...begins, 'More of the shadow?', 'Shadowed']);
    assert.deepEqual(calls, [{ name: 'infer', message: { shadow, progress: { left: 3 }, execution: EXECUTION } }]);
    assert.deepEqual([transitions, failure], [4, null]);
  });

  it('that takes longer than a call may goes on where the call before has left it', async () => {
    const began = '2026-03-01T10:00:00.000Z';
    const infer: Fake = ({ progress: { left } }: ShadowCall) => ({ left: left - 1, began, sum: { counts: [left] } });
    const { path, calls } = await runPipeline(input, { infer });
    const again = ['Shadow', 'More of the shadow?'];
    assert.deepEqual(path, ['Scene or sweep?', ...again, ...again, ...again, 'Shadowed']);
    const progress = calls.map(({ message }) => (message as ShadowCall).progress);
    assert.deepEqual(progress, [
      { left: 3 },
      { left: 2, began, sum: { counts: [3] } },
      { left: 1, began, sum: { counts: [2] } },
    ]);
  });

  for (const name of ['InvalidModelPackage', 'States.Timeout', 'Runtime.ExitError', 'ClaimLost', 'Lambda.Unknown'])
    it(`that dies of ${name} is noted, and its execution succeeds`, async () => {
      const execution = await runPipeline(input, { infer: thrown(name), settle: answer({ status: 'noted' }) });
      assert.deepEqual(execution.path, [...begins, 'Settle shadow', 'Shadowed']);
      const { message } = execution.calls.at(-1)!;
      assert.partialDeepStrictEqual(message, { shadow, execution: EXECUTION, error: { Error: name } });
      assert.equal(execution.failure, null);
    });

  it('whose failure cannot be noted ends all the same', async () => {
    const { path, failure } = await runPipeline(input, { infer: thrown('Error'), settle: thrown('Error') });
    assert.deepEqual([path.at(-1), failure], ['Shadow not noted', null]);
  });
});

/** The event of another object. */
const withObject = (object: object, more: object = {}) => ({
  ...event,
  ...more,
  detail: { ...event.detail, object: { ...event.detail.object, ...object } },
});

describe('an object in the reserved folder', () => {
  it('ends the execution of its event before anything is done', async () => {
    const { path, calls, failure } = await runPipeline(withObject({ key: `${CANARY_FOLDER}2026-03-01/"a"` }), {});
    assert.deepEqual([path, calls, failure], [['Scene or sweep?', 'Canary'], [], null]);
  });

  for (const key of ['swath-canary', `north/${CANARY_FOLDER}a`, CANARY_FOLDER.toUpperCase(), 7, null, {}])
    it(`does not include ${JSON.stringify(key)}`, async () => {
      const { path } = await runPipeline(withObject({ key }), { ...scene, preprocess: ended('duplicate') });
      assert.equal(path[1], 'Preprocess');
    });

  it('is recognised under the inbox prefix', () => {
    assert.match(
      JSON.stringify(readDefinition({ inboxPrefix: 'scenes/' })),
      /"StringMatches":"scenes\/swath-canary\/\*"/,
    );
  });
});

describe('a folder that the S3 console has made', () => {
  for (const key of ['x/', 'north/x/', 'bulk/x/', '/'])
    it(`ends the execution of its event before anything is done: ${key}`, async () => {
      const { path, calls, failure } = await runPipeline(withObject({ key, size: 0 }), {});
      assert.deepEqual([path, calls, failure], [['Scene or sweep?', 'Folder'], [], null]);
    });

  for (const object of [
    { key: 'x/', size: 3 },
    { key: 'x/', size: undefined },
    { key: 'x/', size: '0' },
    { key: 'x', size: 0 },
    { key: 'x/y', size: 0 },
    { key: 7, size: 0 },
  ])
    it(`is not ${JSON.stringify(object)}`, async () => {
      const input = JSON.parse(JSON.stringify(withObject(object)));
      const { path } = await runPipeline(input, { ...scene, preprocess: ended('duplicate') });
      assert.equal(path[1], 'Preprocess');
    });
});

describe('a file that comes beside scenes', () => {
  it('ends the execution of its event before anything is done, whichever of the endings it has', async () => {
    for (const ending of COMPANION_ENDINGS.flatMap((one) => [one, one.toUpperCase()])) {
      const { path, calls, failure } = await runPipeline(withObject({ key: `north/part-r-00012${ending}` }), {});
      assert.deepEqual([path, calls, failure], [['Scene or sweep?', 'Companion'], [], null]);
    }
  });

  const chunks =
    'a.zarr/b02/c/0/0 a.zarr/b02/zarr.json a.zarr/.zgroup a.zarr/b.zarr/zarr.json A.ZARR/b/zarr.json A.ZARR/b.zarr/zarr.json a.zarr/B.ZARR/.zmetadata'.split(
      ' ',
    );
  for (const key of [
    'a.assets/B02.tif',
    'north/a.assets/more/a.stac.json',
    'a.SAFE/GRANULE/b/IMG_DATA/B02.jp2',
    'a.assets/B02.nc',
    ...chunks,
  ])
    it(`is what an Item or a Zarr store names: ${key}`, async () => {
      const { path } = await runPipeline(withObject({ key }), {});
      assert.deepEqual(path, ['Scene or sweep?', 'Companion']);
      assert.match(companionEnding(key)!, /^\.(assets|SAFE|zarr|ZARR)\/$/);
    });

  const landsat = ['L1TP', 'L1GT', 'L1GS', 'L2SP', 'L2SR'].flatMap((level) =>
    ['RT', 'T1', 'T2'].map((tier) => `LC08_${level}_005009_20150710_20200908_02_${tier}`),
  );
  const hls = ['HLS.L30.T19LBJ.2020239T144556.v2.0', 'HLS.S30.T35VLJ.2021168T100559.v2.0'];
  for (const [what, folder, of] of [
    ['.assets/', 'x.assets/', 'a.SAFE'],
    ['', '', 'a.SAFE'],
    ['north/', 'north/', 'a.SAFE'],
    ...landsat.map((product) => ['', 'north/', product] as const),
    ['', 'north/', 'S1A_IW_GRDH_1SDV_20210809T173953_6FF8.SAFE'],
    ...hls.flatMap((granule) => ['', 'x.assets/', 'x.ZARR/'].map((folder) => [folder, folder, granule] as const)),
  ] as const)
    it(`is not the metadata of a scene in the folder ${what}${of}, but all of its others`, async () => {
      const [own, others] = of.startsWith('S1')
        ? [['manifest.safe'], ['measurement/s1a-iw-grd-vv.tiff', 'annotation/a.xml']]
        : of.startsWith('HLS')
          ? [[`${of}.cmr.xml`], [`${of}.B02.tif`, `${of}.Fmask.tif`, `${of}_stac.json`]]
          : of === 'a.SAFE'
            ? [
                ['MTD_MSIL1C.xml', 'MTD_MSIL2A.xml'],
                ['GRANULE/b/B02.jp2', 'manifest.safe'],
              ]
            : [[`${of}_MTL.xml`], [`${of}_SR_B1.TIF`, `${of}_MTL.txt`]];
      for (const key of [...own, ...others].map((name) => `${folder}${of}/${name}`)) {
        const { path } = await runPipeline(withObject({ key }), { ...scene, preprocess: ended('duplicate') });
        const isScene = companionEnding(key) === undefined;
        assert.equal(path[1], isScene ? 'Preprocess' : 'Companion', key);
        assert.equal(isScene, own.some((name) => key.endsWith(name)) && !/\.(assets|ZARR)/.test(key), key);
      }
    });

  it('is known by the endings that the sweep and a laptop know', () => {
    const known = JSON.stringify(readDefinition().States['Scene or sweep?']).matchAll(/"StringMatches":"\*(\.\w+)"/g);
    const endings = [
      ...COMPANION_ENDINGS.flatMap((ending) => [ending, ending.toUpperCase()]),
      ...HDF5_ENDINGS,
      ...HDF5_ENDINGS,
    ];
    assert.deepEqual(Array.from(known, ([, ending]) => ending).sort(), endings.sort());
  });

  const scenes = 'mixer.json/part-r-00012 a.tfrecord a.npy a.stac.json north/A.STAC.JSON north/r-17.request.json';
  for (const key of [...`a.txt.gz txt a.Txt ${scenes} R.REQUEST.JSON`.split(' '), 7])
    it(`does not include ${key}`, async () => {
      const { path } = await runPipeline(withObject({ key }), { ...scene, preprocess: ended('duplicate') });
      assert.equal(path[1], 'Preprocess');
      assert.equal(companionEnding(String(key)), undefined);
    });

  for (const key of [
    'a.zarr/zarr.json',
    'b/a.zarr/.zmetadata',
    'A.ZARR/zarr.json',
    'A.ZARR/.zmetadata',
    ...HDF5_ENDINGS.map((ending) => `a${ending}`),
  ])
    for (const more of [{}, { model: run.model }])
      it(`does not include ${key}, which goes to the function with its decoders ${JSON.stringify(more)}`, async () => {
        const fakes = { ...scene, preprocessCubes: ended('duplicate') };
        const { path } = await runPipeline(withObject({ key }, more), fakes);
        assert.deepEqual(path.slice(0, 3), ['Scene or sweep?', 'Preprocess cubes', 'Prepared?']);
        assert.equal(companionEnding(key), undefined);
      });

  it('goes its way all the same where somebody asks for its run by a model', async () => {
    const { path } = await runPipeline(withObject({ key: 'a.json' }, { model: run.model }), {
      ...scene,
      preprocess: ended('duplicate'),
    });
    assert.equal(path[1], 'Preprocess');
  });
});

describe('a batch of files that arrived', () => {
  const batch = batchOf({ files: 2 });
  const input = batchEventInput(batch);
  const result = { ...leftOut(2), done: 2, leftOut: 0 };
  const begins = ['Scene or sweep?', 'Classify arrivals'];
  const steps = { infer: answer(result), drift: answer({ status: 'watched' }), settle: answer(leftOut(2)) };

  it('is classified and watched, by three transitions', async () => {
    const { path, calls, transitions, failure } = await runPipeline(input, steps);
    assert.deepEqual(path, [...begins, 'Watch arrivals']);
    assert.deepEqual(calls, [
      { name: 'infer', message: { batch, execution: EXECUTION } },
      { name: 'drift', message: { batch, result } },
    ]);
    assert.deepEqual([transitions, failure], [3, null]);
  });

  it('whose worker failed is settled, file by file, and watched', async () => {
    const { path, calls, failure } = await runPipeline(input, { ...steps, infer: thrown('Runtime.ExitError') });
    assert.deepEqual(path, [...begins, 'Settle arrivals', 'Watch arrivals']);
    const { message } = calls.find(({ name }) => name === 'settle')!;
    assert.partialDeepStrictEqual(message, { batch, execution: EXECUTION, error: { Error: 'Runtime.ExitError' } });
    assert.equal(failure, null);
  });

  it('that another execution has taken over is left to it', async () => {
    const { path, failure } = await runPipeline(input, { ...steps, infer: thrown('ClaimLost') });
    assert.deepEqual([path, failure], [[...begins, 'Nothing to do'], null]);
  });

  it('that cannot be settled fails, and stays open for the next sweep', async () => {
    const failing = { ...steps, infer: thrown('Error'), settle: thrown('Error') };
    const { path, failure } = await runPipeline(input, failing);
    assert.deepEqual([path.at(-1), failure?.error], ['Not settled', 'NotSettled']);
  });

  it('that cannot be watched fails, and says why', async () => {
    const { path, failure } = await runPipeline(input, { ...steps, drift: thrown('Error'), settle: scene.settle });
    assert.deepEqual(path, [...begins, 'Watch arrivals', 'Watch arrivals failed', 'Settle', 'Settled?', 'Failed']);
    assert.equal(failure?.cause, 'Watch arrivals: Error happened');
  });
});

describe('the last word of a burst', () => {
  const at = '2026-03-01T10:07:00.000Z';
  const input = lastWordInput(new Date(at));
  const path = ['Scene or sweep?', 'Until the burst is over', 'Last word'];

  it('is published at its time, by four transitions of its own', async () => {
    const execution = await runPipeline(input, { drift: answer({ status: 'said' }) });
    assert.deepEqual(execution.path, [...path, 'Said']);
    assert.deepEqual(execution.calls, [{ name: 'drift', message: { lastWord: at } }]);
    assert.deepEqual([execution.transitions, execution.failure], [4, null]);
  });

  it('waits until then', () => {
    assert.partialDeepStrictEqual(readDefinition().States['Until the burst is over'], {
      Type: 'Wait',
      TimestampPath: '$.at',
    });
  });

  it('that cannot be published fails, with the reason', async () => {
    const { path, failure } = await runPipeline(input, { drift: thrown('Error'), settle: scene.settle });
    assert.equal(path.at(-1), 'Failed');
    assert.equal(failure?.cause, 'Last word: Error happened');
  });
});

describe('the sweep', () => {
  it('goes on from page to page, then judges the day and reports on it', async (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-02T00:15:00Z') });
    const second = { ...swept, cursor: '{"phase":"inbox","cursor":null}', started: 2 };
    const third = { ...swept, cursor: null, started: 1, settled: 1 };
    const { path, calls, failure } = await runPipeline(sweepInput, {
      ...daily,
      discover: (_message, nth) => (nth === 1 ? second : third),
    });
    const discover = ['Discover', 'More to discover?'];
    const begins = ['Scene or sweep?', 'Begin sweep', ...discover, ...discover];
    assert.deepEqual(path, [...begins, 'Daily drift', 'Whole sweep?', 'Report', 'Day judged?', 'Swept']);
    const messages = calls.map(({ message }) => message);
    const before = '2026-03-02T00:15:00.000Z';
    assert.deepEqual(messages, [
      { cursor: null, execution: EXECUTION, input: sweepInput },
      { cursor: second.cursor, execution: EXECUTION, input: sweepInput },
      { before },
      { before, judged: [{ day: '2026-03-01', model: run.model, revision: 1, verdict: null }] },
    ]);
    assert.equal(failure, null);
  });

  for (const { what, drift } of [
    { what: 'on a day with files', drift: daily.drift },
    { what: 'on a day without', drift: answer({ judged: [] }) },
  ])
    it(`fails ${what} where too many bulk files failed, once all is done, the report as well`, async () => {
      const cause = 'Of 4 bulk files 3 failed and 0 are invalid.';
      const discover = answer({ ...swept, cursor: null, bulkFailedShare: 0.75, bulkCause: cause });
      const { path, calls, failure } = await runPipeline(sweepInput, { ...daily, drift, discover });
      assert.deepEqual(path.slice(-4), ['Whole sweep?', 'Report', 'Day judged?', 'Too many bulk failures']);
      assert.equal(calls.at(-1)?.name, 'report');
      assert.deepEqual(failure, { error: 'TooManyBulkFailures', cause });
    });

  it('is content where as many failed as are tolerated', async () => {
    const discover = answer({ ...swept, cursor: null, bulkFailedShare: 0.05 });
    const { path, failure } = await runPipeline(sweepInput, { ...daily, discover });
    assert.deepEqual([path.at(-1), failure], ['Swept', null]);
  });

  it('of one folder judges it by its own files, and reports on no day', async () => {
    for (const [bulkFailedShare, end] of [
      [0.05, 'Swept'],
      [0.06, 'Too many bulk failures'],
    ] as const) {
      const discover = answer({ ...swept, cursor: null, bulkFailedShare, folder: 'bulk/a/' });
      const { path, calls } = await runPipeline(sweepInput, { ...daily, discover });
      assert.deepEqual(path.slice(-3), ['Whole sweep?', 'Folder judged?', end]);
      assert.equal(count({ calls }, 'report'), 0);
    }
  });

  it('is content when nothing arrived', async () => {
    const nothing = { drift: answer({ judged: [] }), report: answer({ reports: [], leftOut: [], revised: [] }) };
    const { path, calls, failure } = await runPipeline(sweepInput, { ...daily, ...nothing });
    assert.equal(path.at(-1), 'Nothing arrived');
    assert.equal(calls.at(-1)?.name, 'report', 'which a report says as well');
    assert.equal(failure, null);
  });
});

const cubes = { ...scene, preprocessCubes: scene.preprocess };
const steps = [
  { step: 'Preprocess', name: 'preprocess', input: event, fakes: scene },
  { step: 'Preprocess cubes', name: 'preprocessCubes', input: withObject({ key: 'a.zarr/zarr.json' }), fakes: cubes },
  { step: 'Infer', name: 'infer', input: event, fakes: scene },
  { step: 'Drift', name: 'drift', input: event, fakes: scene },
  { step: 'Infer pixels', name: 'infer', input: event, fakes: ofPixels(1) },
  { step: 'Mosaic', name: 'mosaic', input: event, fakes: ofPixels(1) },
  { step: 'Watch blanks', name: 'drift', input: event, fakes: { ...scene, preprocess: ended('empty') } },
  { step: 'Discover', name: 'discover', input: sweepInput, fakes: daily },
  { step: 'Daily drift', name: 'drift', input: sweepInput, fakes: daily },
  { step: 'Report', name: 'report', input: sweepInput, fakes: daily },
] as const;

describe('a failure', () => {
  for (const { step, name, input, fakes } of steps) {
    it(`of ${step} is settled under that name, and is the cause that the execution ends with`, async () => {
      const execution = await runPipeline(input, {
        ...fakes,
        [name]: thrown('InvalidSceneFile', 'record 3: "x"\nis y'),
      });
      assert.deepEqual(execution.path.slice(-4), [`${step} failed`, 'Settle', 'Settled?', 'Failed']);
      const error = { Error: 'InvalidSceneFile', Cause: 'record 3: "x"\nis y' };
      const message = { input, execution: EXECUTION, step, error };
      assert.deepEqual(execution.calls.at(-1), { name: 'settle', message });
      assert.deepEqual(execution.failure, { error: 'InvalidSceneFile', cause: `${step}: record 3: "x"\nis y` });
    });
  }

  // The retries of every task are the same: definition.test.ts.
  it('for lack of capacity in Lambda is none, however long that takes', async () => {
    const throttled = 200;
    const execution = await runPipeline(event, {
      ...scene,
      drift: (message: never, nth: number) => {
        if (nth <= throttled) throw failure('Lambda.TooManyRequestsException', 'Rate Exceeded.');
        // The tries that it still has for trouble of another kind are untouched.
        if (nth <= throttled + 3) throw failure('TransientTrouble');
        return scene.drift(message, nth);
      },
    });
    assert.equal(execution.failure, null);
    assert.deepEqual([count(execution, 'drift'), count(execution, 'settle')], [throttled + 4, 0]);
  });

  it('of each part for want of room is waited for, and every part is classified once', async () => {
    const tries = Array<number>(30).fill(0);
    const done = Array<number>(30).fill(0);
    const execution = await runPipeline(event, {
      ...scene,
      preprocess: ready(30),
      infer: ({ part }: { part: number }) => {
        if (tries[part]!++ < part) throw failure('Lambda.TooManyRequestsException', 'Rate Exceeded.');
        done[part]! += 1;
        return { part };
      },
    });
    assert.deepEqual([execution.failure, done], [null, Array(30).fill(1)]);
  });

  it('for want of room that lasts is settled in the end, for the sweep to take up', async () => {
    const error = 'Lambda.TooManyRequestsException';
    const execution = await runPipeline(event, { ...scene, preprocess: thrown(error, 'Rate Exceeded.') });
    assert.equal(count(execution, 'preprocess'), 301);
    assert.deepEqual(execution.failure, { error, cause: 'Preprocess: Rate Exceeded.' });
  });

  for (const [error, tries] of [
    ['Sandbox.Timedout', 4],
    ['TransientTrouble', 4],
    ['InvalidSceneFile', 1],
    ['Error', 1],
    ['Lambda.Unknown', 1], // ended by the system, out of memory as a rule
  ] as const)
    it(`called ${error} is tried ${tries === 1 ? 'once' : 'four times'}`, async () => {
      const execution = await runPipeline(event, { ...scene, preprocess: thrown(error) });
      assert.deepEqual([count(execution, 'preprocess'), execution.failure?.error], [tries, error]);
    });

  it('of one part of many fails the run, once', async () => {
    const execution = await runPipeline(event, {
      ...scene,
      preprocess: ready(3),
      infer: (message: { part: number }, nth) => {
        if (message.part === 1) throw failure('InvalidModelPackage', 'no such output');
        return infer(message as never, nth);
      },
    });
    assert.equal(count(execution, 'settle'), 1);
    assert.deepEqual(execution.failure, { error: 'InvalidModelPackage', cause: 'Infer: no such output' });
  });

  for (const [title, settle] of [
    ['cannot be settled', thrown('AccessDenied')],
    ['is settled without a word', answer({ error: null, cause: null })],
    ['is settled with nothing', answer({})],
  ] as const) {
    it(`that ${title} is left to the sweep`, async () => {
      const { path, failure } = await runPipeline(event, { ...scene, preprocess: thrown('Error'), settle });
      assert.equal(path.at(-1), 'Not settled');
      assert.equal(failure?.error, 'NotSettled');
      assert.match(failure?.cause ?? '', /^The failure could not be written .* The next sweep .*\.$/);
    });
  }

  it('to settle that passes by itself is retried', async () => {
    const { failure: ended } = await runPipeline(event, {
      ...scene,
      preprocess: thrown('InvalidSceneFile', 'too short'),
      settle: (_message, nth) => {
        if (nth === 1) throw failure('Lambda.TooManyRequestsException');
        return { error: 'InvalidSceneFile', cause: 'Preprocess: too short' };
      },
    });
    assert.deepEqual(ended, { error: 'InvalidSceneFile', cause: 'Preprocess: too short' });
  });
});

function answer(result: unknown): Fake {
  return () => result;
}

function ended(status: string): Fake {
  return answer({ status, run, state: 'DONE' });
}

function thrown(name: string, message?: string): Fake {
  return () => {
    throw failure(name, message);
  };
}

function count({ calls }: { calls: { name: string }[] }, name: string): number {
  return calls.filter((call) => call.name === name).length;
}
