import {
  answeredOf,
  forgedFile,
  forgedKey,
  forgedRequest,
  ofNobody,
  ofNoClass,
  type SentAnswered,
} from './answered.ts';
import type { Planned } from './faults.ts';
import { brokenFile, rasterFile, type SceneFile, sceneFile } from './files.ts';
import type { Storage, Version } from './inbox.ts';
import { BESIDE, MISSING_VALUE } from './model.ts';
import type { ReleaseStage } from './releases.ts';
import {
  chip,
  cut,
  file,
  noRequest,
  nowhere,
  numbers,
  ofNoModel,
  ofStranger,
  request as requestOf,
  type SentRequest,
  written,
} from './requests.ts';
import { type SentTruths, truthsOf } from './truths.ts';
import type { Worker } from './world.ts';

/** What happens to the service from outside, in each kind of case. */
export type Scenario = {
  name: string;
  storage: Storage;
  /** How often a run is tried, where that is not the default. */
  attemptLimit?: number;
  /** Hour and minute (UTC) at which it begins. */
  begins?: string;
  /** How many days it takes, where that is not two: the last sweep comes behind them. */
  days?: number;
  /** What goes wrong in each case of it, beside what the case plans: so a search gets behind it. */
  goesWrong?: readonly Planned[];
  /** The keys that a second live model takes, where there is one. */
  beside?: string[];
  /** Whether a candidate version shadows the live one, and whether each call fails by which it classifies. */
  shadow?: 'sound' | 'failing';
  /** Whether the model says something of each pixel; files are rasters then. */
  ofPixels?: boolean;
  /** Whether events go to a queue that gathers them, and not each to an execution. */
  isGathered?: boolean;
  /** The most milliseconds that a call takes where the world is slow, if that is not the default. */
  slowPace?: number;
  play: (stage: Stage) => void;
  /** What happens to the versions of the model, if anything does. */
  release?: (releases: ReleaseStage, stage: Stage) => void;
  /** Whose calls fail, each time, as long as faults happen. */
  isCursed?: (worker: Worker, port: string, ownerOf: (execution: string) => string | undefined) => boolean;
};

export type Stage = {
  /** Some time within the first second or two, while the first runs are on their way. */
  soon: (go: () => void) => void;
  /** In so many seconds. */
  later: (seconds: number, go: () => void) => void;
  /** Puts a file; its event follows, unless it is lost, though the inbox has seen the file. */
  put: (key: string, file: SceneFile, more?: { isLost?: boolean }) => Version;
  /** Makes a folder as the S3 console does: an object without bytes, whose key ends in a slash. */
  folder: (key: string) => void;
  /** Puts a file while nobody watches: no event follows. */
  putUnseen: (key: string, file: SceneFile) => Version;
  /** Puts a marker into a folder of bulk files, which raise no event of their own. */
  mark: (folder: string) => void;
  /** Its event, once more. */
  event: (version: Version) => void;
  remove: (version: Version) => void;
  sweep: () => void;
  /** Sets the clock so many days ahead of the time, or behind it; 0 sets it right. The schedule sweeps when it has seen that. */
  clock: (daysAhead: number) => void;
  /** From now on, what was cursed works. */
  lift: () => void;
  /** Sends a request by its queue; the same one again is the same message once more. */
  request: (sent: SentRequest) => void;
  /** Sends predictions that were given over HTTP; the same ones again are the same message once more. */
  answered: (sent: SentAnswered) => void;
  /** Says by the queue what is true of chips; the same again is the same message once more. */
  truth: (sent: SentTruths) => void;
  /** What a person does about dead letters. */
  redrive: () => void;
  /** What a person does about the runs of a file that have failed. */
  retry: (version: Version) => void;
};

const DAY = 86_400; // seconds
/** From ten o'clock to an hour after midnight, in seconds. */
const NEXT_DAY = 15 * 3600;

/** When something was said: so many minutes after noon. */
const at = (minutes: number) => new Date(Date.parse('2026-03-03T12:00:00.000Z') + minutes * 60_000).toISOString();

const small = sceneFile(5, 6);
const other = sceneFile(9, 0, 10);
const three = sceneFile(7, 0, 8, 13, MISSING_VALUE, 14);
const blank = sceneFile(0, 0, 0);
/** It begins as `small` does. */
const whole = sceneFile(5, 6, 17);
const broken = brokenFile(5, 7, 6);

const mapped = rasterFile(7, 0, 9, 14, MISSING_VALUE, 6);

type More = Partial<Scenario>;

const onS3 = (name: string, play: Scenario['play'], more: More = {}): Scenario => ({
  name,
  storage: 's3',
  play,
  ...more,
});

/** In a folder of the embedded stack. */
const inFolder = (name: string, play: Scenario['play'], more: More = {}): Scenario => ({
  ...onS3(`${name} (embedded)`, play, more),
  storage: 'folder',
});

function both(name: string, play: Scenario['play'], more: More = {}): Scenario[] {
  return [onS3(name, play, more), inFolder(name, play, more)];
}

/**
 * Requests for predictions. A look at an unanswered one is each five minutes, so these take a day. A collect that always takes longer than
 * its time-out leaves a note at each of its tries, more and more of them, so the world is less slow.
 */
export const REQUESTS: readonly Scenario[] = (
  [
    ...both(
      'requests that come together, of which some inputs and some messages are bad',
      ({ request, soon, later, sweep }) => {
        request(requestOf('a', [chip(5), cut, numbers(6), chip(0), chip(MISSING_VALUE)], { isAnswered: true }));
        request(requestOf('b', [chip(9)]));
        request(requestOf('none', [cut, cut], { isAnswered: true }));
        soon(() => request(noRequest));
        later(900, sweep);
      },
    ),
    ...both('requests of files of the inbox', ({ put, request, later, sweep }) => {
      for (const [key, one] of [
        ['a', small],
        ['b', small],
        ['bad', broken],
      ] as const)
        put(key, one);
      const inputs = [file('a'), chip(5), file('b'), file('bad'), nowhere, file('a')];
      request(requestOf('r', inputs, { isAnswered: true }));
      later(900, sweep);
    }),
    onS3(
      'requests that name files alone, large ones too, and files that are gathered',
      ({ put, request, soon, later, sweep }) => {
        put('a', three);
        put('b', other, { isLost: true });
        request(requestOf('r', [file('a'), file('b')], { isAnswered: true }));
        soon(() => request(requestOf('s', [chip(6), file('b')], { isAnswered: true })));
        request(requestOf('other', [chip(7)], { isAnswered: true, model: BESIDE }));
        later(900, sweep);
      },
      { isGathered: true },
    ),
    onS3('requests that come twice, late, and written otherwise', ({ request, soon, later, sweep }) => {
      const [first, second] = [
        requestOf('a', [chip(5), numbers(6)], { isAnswered: true }),
        requestOf('b', [chip(9), cut]),
      ];
      request(first);
      request(second);
      request(first);
      soon(() => request(written(first)));
      later(30, () => request(second));
      later(3600, () => request(first));
      later(4500, sweep);
    }),
    onS3(
      'requests of one id, around midnight',
      ({ request, later, sweep }) => {
        request(requestOf('a', [chip(5)], { isAnswered: true }));
        request(requestOf('a', [chip(6)], { isAnswered: true }));
        later(57, () => request(requestOf('b', [chip(7)], { isAnswered: true })));
        later(70, () => request(requestOf('a', [chip(8)])));
        later(1000, sweep);
      },
      { begins: '23:59', days: 2 },
    ),
    onS3('requests that cannot be taken, and are put back', ({ request, soon, later, redrive }) => {
      request(ofNoModel);
      request(ofStranger);
      request(noRequest);
      soon(() => request(requestOf('a', [chip(5)], { isAnswered: true })));
      later(300, redrive);
    }),
    onS3(
      'requests whose answers are refused by their queue, until they are put back',
      ({ request, later, lift, redrive, sweep }) => {
        request(requestOf('a', [chip(5)], { isAnswered: true }));
        later(5, () => request(requestOf('b', [chip(6), cut], { isAnswered: true })));
        later(3000, () => {
          lift();
          redrive();
          sweep();
        });
      },
      { isCursed: (_worker, port) => port === 'answers.send' },
    ),
    onS3(
      'requests by a model of pixels',
      ({ put, request, later, sweep }) => {
        put('a.tif', mapped, { isLost: true });
        request(requestOf('a', [chip(5), cut, file('a.tif'), chip(0)], { isAnswered: true }));
        later(1200, sweep);
      },
      { ofPixels: true },
    ),
    ...(
      [
        ['killed when they are kept', { site: 'collect:results.replace#1', kind: 'kill', when: 'after' }],
        ['killed before the start', { site: 'collect:executions.start#1', kind: 'kill', when: 'before' }],
        ['killed after the start', { site: 'collect:executions.start#1', kind: 'kill', when: 'after' }],
        ['killed when the note is left', { site: 'collect:requests.send#1', kind: 'kill', when: 'after' }],
        ['killed when the answer is sent', { site: 'collect:answers.send#1', kind: 'kill', when: 'after' }],
        ['at work when they are handed out again', { site: 'collect:results.write#1', kind: 'hang', when: 'before' }],
      ] as const
    ).map(
      ([what, fault]): Scenario => ({
        name: `requests whose collect is ${what}`,
        storage: 's3',
        goesWrong: [fault],
        play: ({ request, later, sweep }) => {
          request(requestOf('a', [chip(5), cut], { isAnswered: true }));
          request(requestOf('b', [chip(6)]));
          later(1200, sweep);
        },
      }),
    ),
    ...both(
      'requests whose execution dies before its first word',
      ({ request, later, sweep }) => {
        request(requestOf('a', [chip(5)], { isAnswered: true }));
        request(requestOf('b', [chip(6)]));
        later(1200, sweep);
      },
      { goesWrong: [{ site: 'machine:invoke infer#1', kind: 'kill', when: 'before' }] },
    ),
  ] satisfies readonly Scenario[] as readonly Scenario[]
).map((scenario) => ({ days: 1, slowPace: 2000, ...scenario }));

/** Predictions that were given over HTTP, on their way to be counted. */
export const ANSWERED: readonly Scenario[] = (
  [
    ...both('answered predictions, beside requests and a file', ({ put, request, answered, later, sweep }) => {
      put('a', small);
      answered(answeredOf('x', [5, 0, MISSING_VALUE, 6]));
      request(requestOf('r', [chip(9), cut], { isAnswered: true }));
      answered(answeredOf('y', [7]));
      later(900, sweep);
    }),
    onS3('answered predictions that come twice, late, and in other company', ({ answered, soon, later, sweep }) => {
      const [x, y, z] = [answeredOf('x', [5, 6]), answeredOf('y', [7, 0]), answeredOf('z', [9])];
      answered(x);
      answered(y);
      answered(x);
      soon(() => answered(y));
      later(30, () => answered(z));
      later(30, () => answered(x));
      later(3600, () => answered(z));
      later(4500, sweep);
    }),
    onS3(
      'answered predictions in parts, the last one first, around midnight',
      ({ answered, later, sweep }) => {
        const parts = [0, 1, 2].map((part) => answeredOf('long', [5 + part, 0, 9], { part }));
        answered(parts[2]!);
        later(20, () => answered(parts[0]!));
        later(57, () => answered(parts[1]!));
        later(70, () => answered(parts[2]!));
        later(1000, sweep);
      },
      { begins: '23:59', days: 2 },
    ),
    onS3(
      'made-up predictions, as files of the inbox and as a request',
      ({ put, request, answered, later, redrive, sweep }) => {
        put(forgedKey, forgedFile);
        put('a.jsonl', forgedFile);
        request(forgedRequest);
        answered(answeredOf('x', [5, 6]));
        later(300, redrive);
        later(900, sweep);
      },
    ),
    onS3('answered predictions of which some can never be counted', ({ answered, soon, later, redrive, sweep }) => {
      answered(ofNobody);
      answered(answeredOf('x', [5, 6]));
      answered(ofNoClass);
      soon(() => answered(answeredOf('blank', [0, 0])));
      later(300, redrive);
      later(900, sweep);
    }),
    ...(
      [
        ['collect is killed when they are kept', { site: 'collect:results.replace#1', kind: 'kill', when: 'after' }],
        ['collect is killed before the row', { site: 'collect:ledger.put#1', kind: 'kill', when: 'before' }],
        ['collect is killed before the start', { site: 'collect:executions.start#1', kind: 'kill', when: 'before' }],
        ['collect is killed after the start', { site: 'collect:executions.start#1', kind: 'kill', when: 'after' }],
        ['collect hangs in the middle', { site: 'collect:results.find#1', kind: 'hang', when: 'after' }],
        ['run is killed at a claim', { site: 'infer:ledger.put#2', kind: 'kill', when: 'after' }],
        ['run is killed before its end', { site: 'infer:results.replace#1', kind: 'kill', when: 'after' }],
        ['execution dies before its first word', { site: 'machine:invoke infer#1', kind: 'kill', when: 'before' }],
      ] as const
    ).map(
      ([what, fault]): Scenario => ({
        name: `answered predictions whose ${what}`,
        storage: 's3',
        goesWrong: [fault],
        play: ({ answered, later, sweep }) => {
          const [x, y] = [answeredOf('x', [5, 0, 6]), answeredOf('y', [7])];
          answered(x);
          answered(y);
          later(40, () => answered(x));
          later(1200, sweep);
        },
      }),
    ),
  ] satisfies readonly Scenario[] as readonly Scenario[]
).map((scenario) => ({ days: 1, slowPace: 2000, ...scenario }));

/**
 * What is said to be true of chips. The values of files say it as well, so each word here is another one. Who says something says it within
 * the first minutes, or after the sweep that has judged the day.
 */
export const TRUTHS: readonly Scenario[] = (
  [
    ...both('truth that comes when its runs are done, twice, and of two at once', ({ put, truth, later }) => {
      put('a', small);
      put('b', three);
      const first = truthsOf('a', small, [[0, 2]]);
      later(120, () => {
        truth(first);
        truth(
          truthsOf('b', three, [
            [0, 1],
            [3, 3],
          ]),
        );
        truth(truthsOf('a', small, [[1, 0]], { at: at(1) }));
      });
      later(300, () => truth(first));
    }),
    onS3(
      'truth that comes before its run, and while that is tried again',
      ({ put, truth, later, sweep }) => {
        truth(truthsOf('b', other, [[0, 2]]));
        put('a', small);
        put('b', other, { isLost: true });
        truth(truthsOf('a', small, [[0, 3]]));
        later(400, sweep);
        later(401, () => truth(truthsOf('a', small, [[1, 1]], { at: at(1) })));
        later(2000, sweep);
      },
      { goesWrong: [{ site: 'machine:invoke infer#1', kind: 'kill', when: 'before' }] },
    ),
    ...both(
      'truth that comes when its day was judged, and is mended',
      ({ put, truth, later, sweep }) => {
        put('a', small);
        put('b', other);
        later(NEXT_DAY, sweep);
        later(NEXT_DAY + 600, () =>
          truth(
            truthsOf(
              'a',
              small,
              [
                [0, 0],
                [1, 1],
              ],
              { at: at(2) },
            ),
          ),
        );
        later(NEXT_DAY + 900, () => truth(truthsOf('a', small, [[0, 3]], { at: at(3) })));
        later(NEXT_DAY + 1200, () => truth(truthsOf('a', small, [[0, 2]], { at: at(1) })));
        later(NEXT_DAY + 1200, () => truth(truthsOf('b', other, [[0, 0]], { at: at(3) })));
      },
      { days: 3 },
    ),
    onS3('words on one chip by many, of one time and of several', ({ put, truth, later, soon }) => {
      put('a', three);
      later(60, () => {
        for (const said of [1, 3, 0]) truth(truthsOf('a', three, [[0, said]]));
        soon(() => truth(truthsOf('a', three, [[2, 3]])));
        soon(() =>
          truth(
            truthsOf(
              'a',
              three,
              [
                [0, 0],
                [3, 2],
              ],
              { at: at(1) },
            ),
          ),
        );
      });
    }),
    onS3(
      'truth of files with the same bytes, and of some that nobody has predicted',
      ({ put, truth, soon, later, redrive, sweep }) => {
        put('a', small);
        soon(() => put('b', small));
        put('bad', broken);
        later(90, () => {
          truth(truthsOf('b', small, [[1, 3]]));
          truth(truthsOf('nowhere', other, [[0, 1]], { reason: /of “nowhere”: no run of it is known\./ }));
          // Its run has failed where each of its attempts was lost to a fault; rule 1 judges which of the two it may be.
          truth(truthsOf('bad', broken, [[0, 1]], { reason: /of “bad”: its run \w+ is (INVALID|FAILED)/ }));
          truth(truthsOf('a', small, [[7, 1]], { reason: /has predicted no such chip/ }));
          truth(truthsOf('a', small, [[0, 9]], { reason: /found “9”, allowed is one integer of 0, 1, 2, 3/ }));
          truth(
            truthsOf(
              'a',
              small,
              [
                [0, 1],
                [0, 2],
              ],
              { at: at(4), reason: /allowed is one truth for a chip/ },
            ),
          );
        });
        later(600, redrive);
        later(900, sweep);
      },
    ),
    ...(
      [
        ['is killed when the object is written', { site: 'collect:results.replace#1', kind: 'kill', when: 'after' }],
        ['is killed when the day is marked', { site: 'collect:ledger.put#1', kind: 'kill', when: 'after' }],
        ['is killed when the row is written', { site: 'collect:ledger.update#1', kind: 'kill', when: 'after' }],
        ['hangs before the row', { site: 'collect:ledger.update#1', kind: 'hang', when: 'before' }],
      ] as const
    ).map(
      ([what, fault]): Scenario => ({
        name: `truth whose collect ${what}`,
        storage: 's3',
        goesWrong: [fault],
        play: ({ put, truth, later, sweep }) => {
          put('a', small);
          later(NEXT_DAY, sweep);
          later(NEXT_DAY + 600, () => truth(truthsOf('a', small, [[0, 0]])));
          later(NEXT_DAY + 700, () => truth(truthsOf('a', small, [[1, 1]], { at: at(1) })));
        },
        days: 3,
      }),
    ),
  ] satisfies readonly Scenario[] as readonly Scenario[]
).map((scenario) => ({ days: 2, slowPace: 2000, ...scenario }));

/** Of versions that are published, promoted and gone back from; no file comes. */
export const RELEASES: readonly Scenario[] = [
  ...released('versions that two people promote at once', ({ publish, promote, rollback }, { soon, later }) => {
    publish('1.1.0');
    publish('1.2.0');
    later(600, () => promote('1.1.0'));
    later(600, () => promote('1.2.0'));
    later(900, () => promote('1.2.0'));
    later(1200, () => soon(rollback));
  }),
  ...released('rollbacks at once, and a promotion beside another one', ({ publish, promote, rollback }, { later }) => {
    publish('1.1.0');
    publish('1.2.0');
    later(600, () => promote('1.1.0'));
    later(900, () => promote('1.2.0'));
    later(1200, rollback);
    later(1200, rollback);
    later(1500, () => promote('1.2.0'));
    later(1500, rollback);
  }),
  ...released('a version that is published twice at once, with other bytes', ({ publish, promote }, { later }) => {
    publish('1.1.0');
    publish('1.1.0', 1);
    later(600, () => publish('1.1.0', 1));
    later(900, () => promote('1.1.0'));
    later(1200, () => publish('1.1.0'));
    later(1500, () => promote('1.1.0'));
  }),
  ...released('a clock that is set back between promotions', ({ publish, promote, rollback }, { later, clock }) => {
    publish('1.1.0');
    publish('1.2.0');
    later(600, () => promote('1.1.0'));
    later(700, () => clock(-2));
    later(900, () => promote('1.2.0'));
    later(1200, rollback);
  }),
  ...released(
    'a candidate of an alias that shadows, is promoted, and gone back from',
    ({ register, watch, rollback }, { later }) => {
      register('1.1.0');
      later(60, watch);
      later(7 * DAY + 600, watch);
      later(7 * DAY + 600, watch);
      later(8 * DAY, watch);
      later(8 * DAY + 600, rollback);
      later(9 * DAY, watch);
    },
  ),
  ...released('a candidate that the gate refuses, beside another shadow', (releases, { later }) => {
    releases.publish('1.2.0');
    later(600, () => releases.shadow('1.2.0'));
    later(1200, () => releases.register('1.3.0'));
    later(1300, releases.watch);
    later(1500, () => releases.promote('1.2.0'));
    later(DAY, releases.watch);
    later(8 * DAY + 600, releases.watch);
    later(9 * DAY, releases.watch);
  }),
  ...released('a candidate that is promoted while people promote too', (releases, { later }) => {
    releases.publish('1.2.0');
    releases.register('1.1.0');
    later(60, releases.watch);
    later(7 * DAY + 600, releases.watch);
    later(7 * DAY + 600, () => releases.promote('1.2.0'));
    later(8 * DAY, releases.watch);
    later(8 * DAY, releases.rollback);
    later(8 * DAY, () => releases.promote('1.1.0'));
    later(9 * DAY, releases.watch);
  }),
];

/** As a stage has them: on S3. */
function released(name: string, release: NonNullable<Scenario['release']>): Scenario[] {
  return [{ name, storage: 's3', days: 11, play: () => {}, release }];
}

/** The same bytes under many keys, in batches, in two of them, and beside them: one counts, and each of the others names that one. */
export const DUPLICATES: readonly Scenario[] = [
  ...both('duplicates in batches: four keys, a sweep after what was lost', ({ put, later, sweep }) => {
    for (const key of ['a', 'b', 'c', 'd']) put(`bulk/${key}`, small);
    later(2, sweep);
    later(1200, sweep);
  }),
  ...both(
    'duplicates in batches: of two folders, and single files beside them',
    ({ put, soon, later, sweep, mark }) => {
      for (const key of ['m/a', 'm/b', 'n/c', 'n/d', 'n/e']) put(`bulk/${key}`, small);
      put('bulk/n/f', other);
      soon(() => mark('bulk/m/'));
      soon(() => mark('bulk/n/'));
      later(3, () => put('a', small));
      later(30, () => put('b', small));
      later(1200, sweep);
    },
  ),
  onS3(
    'duplicates in batches: the first of three is deleted, and one more comes',
    ({ put, remove, soon, later, sweep }) => {
      const first = put('bulk/a', small);
      put('bulk/b', small);
      put('bulk/c', small);
      later(2, sweep);
      later(2, () => soon(() => remove(first)));
      later(900, () => put('bulk/0', small));
      later(901, sweep);
    },
    { attemptLimit: 2 },
  ),
  ...both(
    'duplicates in batches: the batch of the first fails, and a file comes that is worked on before it',
    ({ put, later, lift, sweep }) => {
      for (const key of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) put(`bulk/${key}`, small);
      later(2, sweep);
      later(900, lift);
      later(901, () => put('bulk/a', small));
      later(902, sweep);
      later(1800, sweep);
    },
    { isCursed: (worker, port) => worker.role === 'infer' && port === 'results.replace' },
  ),
  ...both(
    'duplicates in batches: a file that is overwritten by a longer one, which lies under other keys',
    ({ put, soon, later, sweep }) => {
      for (const key of ['c', 'd', 'e']) put(`bulk/${key}`, whole);
      put('a', small);
      put('bulk/f', small);
      soon(() => put('b', small));
      later(2, sweep);
      later(20, () => put('a', whole));
      later(40, () => put('b', whole));
      later(1200, sweep);
    },
  ),
  onS3(
    'duplicates in batches: what fails for good beside them is tried again',
    ({ put, soon, later, lift, retry, sweep }) => {
      const first = put('a', small);
      for (const key of ['b', 'c', 'd', 'e', 'f']) soon(() => put(key, small));
      for (const key of ['g', 'h']) put(`bulk/${key}`, small);
      soon(sweep);
      later(900, () => {
        lift();
        retry(first);
      });
      later(1500, sweep);
    },
    {
      attemptLimit: 1,
      isCursed: (worker, port, ownerOf) =>
        port === 'classify' && worker.execution !== undefined && ownerOf(worker.execution) === 'a',
    },
  ),
];

export const SCENARIOS: readonly Scenario[] = [
  ...DUPLICATES,
  ...both('one file', ({ put }) => {
    put('a', small);
  }),
  ...both('a file of three parts', ({ put }) => {
    put('a', three);
  }),
  onS3('a file of three parts, and a sweep', ({ put, later, sweep }) => {
    put('a', three);
    later(400, sweep);
  }),
  ...both('an empty file', ({ put }) => {
    put('a', blank);
  }),
  ...both('a bad file beside a good one', ({ put, soon }) => {
    put('bad', broken);
    soon(() => put('good', small));
  }),
  ...both('two files at once', ({ put }) => {
    put('a', small);
    put('b', other);
  }),
  ...both('duplicate events at once', ({ put, event, soon }) => {
    const version = put('a', small);
    event(version);
    soon(() => event(version));
  }),
  ...both('the same bytes under two keys', ({ put, soon }) => {
    put('a', small);
    soon(() => put('b', small));
  }),
  onS3('the same bytes, and the first is deleted', ({ put, remove, soon }) => {
    const first = put('a', small);
    soon(() => put('b', small));
    soon(() => remove(first));
  }),
  onS3(
    'the same bytes, and the first fails for good',
    ({ put, soon, later, sweep }) => {
      put('a', small);
      soon(() => put('b', small));
      soon(() => put('c', small));
      later(700, sweep);
    },
    {
      attemptLimit: 1,
      isCursed: (worker, port, ownerOf) =>
        port === 'classify' && worker.execution !== undefined && ownerOf(worker.execution) === 'a',
    },
  ),
  ...both('an overwrite in mid-run', ({ put, soon }) => {
    put('a', three);
    soon(() => put('a', other));
  }),
  ...both('an object deleted before its run', ({ put, remove, soon }) => {
    const version = put('a', small);
    remove(version);
    soon(() => put('b', other));
  }),
  ...both('an object deleted in mid-run', ({ put, remove, soon }) => {
    const version = put('a', three);
    soon(() => remove(version));
  }),
  inFolder('a file deleted that comes back with the same bytes', ({ put, remove, later, sweep }) => {
    remove(put('a', small));
    for (const seconds of [400, 800]) later(seconds, sweep); // which use its attempts up
    later(1200, () => put('a', small));
  }),
  inFolder('a file deleted that comes back while nothing runs', ({ put, putUnseen, remove, later, sweep }) => {
    remove(put('a', small));
    for (const seconds of [400, 800]) later(seconds, sweep);
    later(1200, () => putUnseen('a', small));
    later(1600, sweep);
  }),
  inFolder(
    'a file deleted that comes back, beside another of the same bytes',
    ({ put, remove, soon, later, sweep }) => {
      const first = put('a', small);
      soon(() => put('b', small));
      soon(() => remove(first));
      later(400, () => put('a', small));
      later(400, sweep);
    },
    { attemptLimit: 1 },
  ),
  inFolder('a file written over, and back', ({ put, putUnseen, soon, later }) => {
    put('a', three);
    soon(() => put('a', other));
    later(400, () => putUnseen('a', three));
  }),
  inFolder('a bulk file deleted while its batch is on its way, and back', ({ put, remove, soon, later, sweep }) => {
    const gone = put('bulk/a', small);
    put('bulk/b', other);
    later(2, sweep);
    later(2, () => soon(() => remove(gone)));
    for (const seconds of [400, 800]) later(seconds, sweep);
    later(1200, () => put('bulk/a', small));
  }),
  onS3(
    'a run that lands in a closed day',
    ({ put, later, sweep }) => {
      put('a', small);
      later(20, () => put('b', other));
      later(58, () => put('c', three));
      later(60, sweep);
      later(62, sweep);
    },
    { begins: '23:59' },
  ),
  onS3(
    'runs that land in a closed day together',
    ({ put, later, sweep }) => {
      put('a', small);
      later(59, () => {
        put('b', other);
        put('c', three);
        put('d', sceneFile(21, 22));
      });
      later(60, sweep);
    },
    { begins: '23:59' },
  ),
  onS3(
    'a retry beside a sweep',
    ({ put, later, lift, retry, sweep }) => {
      const version = put('a', small);
      later(900, () => {
        lift();
        retry(version);
        retry(version);
        sweep();
      });
    },
    { attemptLimit: 1, isCursed: (worker, port) => worker.role === 'infer' && port === 'results.replace' },
  ),
  onS3('a sweep beside the events', ({ put, soon, sweep }) => {
    put('a', small);
    put('b', blank);
    soon(sweep);
    soon(sweep);
  }),
  ...both('bulk files of one batch', ({ put, later, sweep }) => {
    put('bulk/a', small);
    put('bulk/b', three);
    later(2, sweep);
  }),
  ...both('bulk files of several batches, and a marker', ({ put, later, mark }) => {
    put('bulk/n/a', small);
    put('bulk/n/b', blank);
    put('bulk/n/c', broken);
    put('bulk/n/d', other);
    put('bulk/n/e', three);
    later(2, () => mark('bulk/n/'));
  }),
  ...both('the same bytes in bulk and in the inbox', ({ put, soon, later, sweep }) => {
    put('bulk/a', small);
    put('bulk/b', small);
    put('bulk/c', other);
    soon(() => put('a', small));
    soon(sweep);
    later(3, () => put('c', other));
  }),
  ...both('two sweeps of the same bulk files, of other batches', ({ put, soon, later, sweep, mark }) => {
    for (const [i, file] of [small, other, three, blank].entries()) put(`bulk/m/${i}`, file);
    soon(sweep);
    soon(() => mark('bulk/m/'));
    later(400, sweep);
  }),
  onS3(
    'a bulk file that fails, and is tried again by whom may',
    ({ put, later, lift, retry, sweep }) => {
      const version = put('bulk/a', small);
      put('bulk/b', other);
      put('b', other);
      later(2, sweep);
      later(900, () => {
        lift();
        retry(version);
        sweep();
      });
    },
    { attemptLimit: 2, isCursed: (worker, port) => worker.role === 'infer' && port === 'results.replace' },
  ),
  onS3('bulk files deleted, and stray events of others', ({ put, event, remove, soon, later, sweep }) => {
    const gone = put('bulk/a', small);
    put('bulk/b', small);
    event(put('bulk/c', three));
    later(2, sweep);
    soon(() => remove(gone));
  }),
  onS3('a bulk file deleted while its batch is on its way', ({ put, remove, later, sweep }) => {
    const gone = put('bulk/a', small);
    put('bulk/b', other);
    later(2, sweep);
    later(60, () => remove(gone));
  }),
  onS3(
    'bulk files of a day that closes',
    ({ put, later, sweep, mark }) => {
      put('bulk/n/a', small);
      put('bulk/n/b', other);
      later(90, () => put('c', three));
      later(100, () => mark('bulk/n/'));
      later(121, sweep);
      later(125, sweep);
    },
    { begins: '23:58' },
  ),
  onS3(
    'a run that failed weeks ago, and a retry of it that is not started',
    ({ put, later, lift, retry, sweep }) => {
      const version = put('a', small);
      later(DAY, sweep);
      later(14 * DAY, () => {
        lift();
        sweep();
      });
      later(15 * DAY, () => retry(version));
    },
    {
      attemptLimit: 1,
      days: 16,
      goesWrong: [{ site: 'operator:executions.start#1', kind: 'permanent', when: 'before' }],
      isCursed: (worker, port) => worker.role === 'infer' && port === 'results.replace',
    },
  ),
  ...both(
    'the same bytes, and a run that is done cannot say so',
    ({ put, soon, later, sweep }) => {
      put('a', small);
      soon(() => put('b', small));
      later(700, sweep);
    },
    { goesWrong: [{ site: 'drift:ledger.update#2', kind: 'kill', when: 'after' }] },
  ),
  ...both(
    'the same bytes, and the last attempt of the first is lost',
    ({ put, soon, later, sweep }) => {
      sweep(); // the next one is none of everything
      later(60, () => {
        put('a', small);
        soon(() => put('b', small));
        soon(() => put('c', small));
      });
    },
    { attemptLimit: 1, goesWrong: [{ site: 'machine:invoke infer#1', kind: 'abort', when: 'before' }] },
  ),
  onS3(
    'a batch that is settled while its first worker hangs',
    ({ put, later, sweep }) => {
      put('bulk/a', small);
      put('bulk/b', other);
      later(2, sweep);
      later(1800, sweep);
    },
    {
      attemptLimit: 2,
      goesWrong: [
        { site: 'infer:results.replace#1', kind: 'hang', when: 'before' },
        { site: 'infer:results.readPiece#2', kind: 'permanent', when: 'before' },
      ],
    },
  ),
  onS3(
    'a batch of which one file fails and another one has to be tried again',
    ({ put, later, sweep }) => {
      put('bulk/a', small);
      put('bulk/b', other);
      put('bulk/c', three);
      later(2, sweep);
    },
    {
      goesWrong: [
        { site: 'infer:inbox.open#1', kind: 'permanent', when: 'before' },
        { site: 'infer:inbox.open#2', kind: 'transient', when: 'before' },
      ],
    },
  ),
  onS3('folders that the S3 console has made', ({ put, folder, later, mark, sweep }) => {
    folder('n/');
    folder('bulk/n/');
    put('n/a', small);
    put('bulk/n/a', other);
    later(2, () => mark('bulk/n/'));
    later(400, sweep);
  }),
  inFolder('a clock that is a month ahead, and set right', ({ put, later, clock, sweep }) => {
    put('a', small);
    clock(30);
    put('b', three);
    put('bulk/b', other);
    later(40, sweep);
    later(60, () => {
      put('c', sceneFile(21, 22));
      clock(0);
      put('d', blank);
      put('e', sceneFile(23, 0), { isLost: true });
      put('bulk/d', sceneFile(24));
    });
  }),
  inFolder('a clock that is twenty days behind, and set right', ({ put, later, clock, sweep }) => {
    sweep();
    later(30, () => {
      put('a', three);
      clock(-20);
      put('b', small);
      put('bulk/b', other);
    });
    later(70, () => {
      put('c', sceneFile(21, 22));
      clock(0);
      put('d', blank);
    });
  }),
  ...both(
    'a raster of three parts by a model of pixels',
    ({ put }) => {
      put('a.tif', mapped);
    },
    { ofPixels: true },
  ),
  onS3(
    'the same raster under two keys, by a model of pixels, and a sweep',
    ({ put, soon, later, sweep }) => {
      put('a.tif', mapped);
      soon(() => put('b.tif', mapped));
      later(700, sweep);
    },
    { ofPixels: true, attemptLimit: 2 },
  ),
  ...both(
    'files that arrive together and are gathered',
    ({ put, soon, later, sweep }) => {
      put('a', small);
      put('b', three);
      put('bad', broken);
      soon(() => put('c', blank));
      soon(() => put('d', small));
      later(900, sweep);
    },
    { isGathered: true },
  ),
  onS3(
    'events that come twice, and late, and are gathered',
    ({ put, event, soon, later }) => {
      const [first, second] = [put('a', small), put('b', other)];
      event(first);
      soon(() => event(second));
      later(20, () => event(first));
      later(3600, () => event(second));
    },
    { isGathered: true },
  ),
  onS3(
    'files that are gathered while a sweep looks for them, and one that is overwritten',
    ({ put, soon, later, sweep, remove }) => {
      put('a', sceneFile(5, 6));
      put('b', other);
      const gone = put('c', three);
      soon(sweep);
      soon(() => remove(gone));
      later(60, () => put('a', sceneFile(5, 6, 17)));
      later(90, sweep);
    },
    { isGathered: true },
  ),
  onS3(
    'gathered files around midnight, of which one has no event',
    ({ put, later, sweep }) => {
      put('a', small);
      put('b', other, { isLost: true });
      later(55, () => put('c', three));
      later(70, () => put('d', blank));
      later(1000, sweep);
    },
    { isGathered: true, begins: '23:59' },
  ),
  onS3(
    'gathered files whose collect is killed between the manifest and the start',
    ({ put, later, sweep }) => {
      put('a', small);
      put('b', other);
      later(1200, sweep);
    },
    { isGathered: true, goesWrong: [{ site: 'collect:executions.start#1', kind: 'kill', when: 'before' }] },
  ),
  onS3(
    'gathered files whose collect works on when their messages are handed out again',
    ({ put, later }) => {
      put('a', small);
      put('b', other);
      later(30, () => put('c', three));
    },
    { isGathered: true, goesWrong: [{ site: 'collect:results.write#1', kind: 'hang', when: 'before' }] },
  ),
  ...REQUESTS,
  ...ANSWERED,
  ...TRUTHS,
  ...RELEASES,
];

/** Of two live models; apart from the others, since each call is there for both of them: ./scenarios.test.ts plays them. */
export const OF_TWO_MODELS: readonly Scenario[] = [
  ...both(
    'a file that two live models take, and its event twice',
    ({ put, event, soon, later, sweep }) => {
      const version = put('a', small);
      soon(() => event(version));
      later(400, sweep);
    },
    { beside: ['*'] },
  ),
  onS3(
    'files of two live models, of which one has no event, and one is overwritten',
    ({ put, putUnseen, later, sweep }) => {
      put('north/a', other, { isLost: true });
      putUnseen('south/b', broken);
      put('south/c', small);
      later(200, () => put('south/c', sceneFile(5, 6, 17)));
      later(700, sweep);
    },
    { beside: ['south/*'] },
  ),
  onS3(
    'bulk files of two live models, and a marker',
    ({ put, later, mark }) => {
      put('bulk/n/a', small);
      put('bulk/n/b', other);
      put('c', small);
      later(2, () => mark('bulk/n/'));
    },
    { beside: ['bulk/*', 'c'] },
  ),
];

/** Of a version that is shadowed; apart from the others for the same reason: ./scenarios.test.ts plays them. */
export const OF_A_SHADOW: readonly Scenario[] = (['sound', 'failing'] as const).flatMap((shadow) => [
  ...both(
    `files with a ${shadow} shadow, one of them twice, one bad, one empty`,
    ({ put, event, soon, later, sweep }) => {
      const version = put('a', three);
      put('b', small);
      put('bad', broken);
      put('empty', blank);
      soon(() => event(version));
      soon(() => put('same', small));
      later(400, sweep);
    },
    { shadow },
  ),
  ...both(
    `bulk files of several batches, with a ${shadow} shadow`,
    ({ put, later, sweep }) => {
      put('bulk/a', small);
      put('bulk/b', blank);
      put('bulk/c', broken);
      put('bulk/d', three);
      put('bulk/e', small);
      later(2, sweep);
    },
    { shadow },
  ),
  ...both(
    `answered predictions that come twice, late, and in other company, most of them seen by a ${shadow} shadow`,
    ({ answered, soon, later, sweep }) => {
      const seen = { isShadowed: true };
      const [x, y, z] = [
        answeredOf('x', [5, MISSING_VALUE, 6], seen),
        answeredOf('y', [7, 0], seen),
        answeredOf('z', [9]),
      ];
      answered(x);
      answered(y);
      answered(z);
      soon(() => answered(y));
      later(30, () => answered(answeredOf('w', [9, 10], seen)));
      later(30, () => answered(x));
      later(3600, () => answered(y));
      later(4500, () => answered(answeredOf('unseen', [11])));
      later(5000, sweep);
    },
    { shadow },
  ),
  {
    name: `two overwrites and a lost event, with a ${shadow} shadow`,
    storage: 's3' as const,
    shadow,
    play: ({ put, soon, later, sweep }: Stage) => {
      put('a', small);
      later(200, () => put('a', sceneFile(5, 6, 17)));
      put('b', three);
      soon(() => put('b', other));
      put('c', other, { isLost: true });
      later(700, sweep);
    },
  },
]);
