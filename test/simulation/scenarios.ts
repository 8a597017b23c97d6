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
import type { FeedStage } from './feeds.ts';
import { brokenFile, rasterFile, type SceneFile, sceneFile } from './files.ts';
import type { Storage } from './inbox.ts';
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
  /** Whether the model needs a container, and its candidate as well. */
  isInContainer?: true;
  /** Whether the model says something of each pixel; files are rasters then. */
  ofPixels?: boolean;
  /** Whether events go to a queue that gathers them, and not each to an execution. */
  isGathered?: boolean;
  /** The most milliseconds that a call takes where the world is slow, if that is not the default. */
  slowPace?: number;
  /** Whether something happens to the versions of the model. */
  isOfReleases?: boolean;
  /** Whether a feed is followed. */
  isOfFeed?: boolean;
  happens: readonly Step[];
  /** Whether the model runs on a server, which does not answer until that is lifted. */
  isModelDown?: true;
  /** Whose calls fail, each time, as long as faults happen. */
  isCursed?: (worker: Worker, port: string, ownerOf: (execution: string) => string | undefined) => boolean;
};

/** One thing that happens. Of a file that was put, the steps behind it know the key. */
export type Step = (stage: Stage) => void;

export type Stage = {
  /** Some time within the first second or two, while the first runs are on their way. */
  soon: (go: () => void) => void;
  /** In so many seconds. */
  later: (seconds: number, go: () => void) => void;
  /** Puts a file; its event follows, unless it is lost, though the inbox has seen the file. */
  put: (key: string, file: SceneFile, more?: { isLost?: boolean }) => void;
  /** Makes a folder as the S3 console does: an object without bytes, whose key ends in a slash. */
  folder: (key: string) => void;
  /** Puts a file while nobody watches: no event follows. */
  putUnseen: (key: string, file: SceneFile) => void;
  /** Puts a marker into a folder of bulk files, which raise no event of their own. */
  mark: (folder: string) => void;
  /** The event of what lies under a key, once more. */
  event: (key: string) => void;
  remove: (key: string) => void;
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
  retry: (key: string) => void;
  /** Where something happens to versions. */
  releases?: ReleaseStage | undefined;
  /** Where a feed is followed. */
  feed?: FeedStage | undefined;
};

const DAY = 86_400; // seconds
/** From ten o'clock to an hour after midnight, in seconds. */
const NEXT_DAY = 15 * 3600;

/** When something was said: so many minutes after noon. */
const at = (minutes: number) => new Date(Date.parse('2026-03-03T12:00:00.000Z') + minutes * 60_000).toISOString();

type Deed = Exclude<keyof Stage, 'soon' | 'later' | 'releases' | 'feed'>;
const deed =
  <Name extends Deed>(name: Name) =>
  (...given: Parameters<Stage[Name]>): Step =>
  (stage) =>
    (stage[name] as (...given: Parameters<Stage[Name]>) => void)(...given);
const [put, putUnseen, folder, mark] = [deed('put'), deed('putUnseen'), deed('folder'), deed('mark')];
const [event, remove, retry, clock] = [deed('event'), deed('remove'), deed('retry'), deed('clock')];
const [request, answered, truth] = [deed('request'), deed('answered'), deed('truth')];
const [sweep, lift, redrive] = [deed('sweep')(), deed('lift')(), deed('redrive')()];
const run = (steps: readonly Step[]) => (stage: Stage) => steps.forEach((step) => void step(stage));
const soon =
  (...steps: Step[]): Step =>
  (stage) =>
    stage.soon(() => run(steps)(stage));
/** In so many seconds. */
const later =
  (seconds: number, ...steps: Step[]): Step =>
  (stage) =>
    stage.later(seconds, () => run(steps)(stage));
const puts = (keys: string, file: SceneFile) => keys.split(' ').map((key) => put(key, file));

const released =
  <Name extends keyof ReleaseStage>(name: Name) =>
  (...given: Parameters<ReleaseStage[Name]>): Step =>
  ({ releases }) =>
    (releases![name] as (...given: Parameters<ReleaseStage[Name]>) => void)(...given);
const [publish, promote, register] = [released('publish'), released('promote'), released('register')];
const [shadow, watch, rollback] = [released('shadow'), released('watch')(), released('rollback')()];

const small = sceneFile(5, 6);
const other = sceneFile(9, 0, 10);
const three = sceneFile(7, 0, 8, 13, MISSING_VALUE, 14);
const blank = sceneFile(0, 0, 0);
/** It begins as `small` does. */
const whole = sceneFile(5, 6, 17);
const broken = brokenFile(5, 7, 6);

const mapped = rasterFile(7, 0, 9, 14, MISSING_VALUE, 6);

type More = Partial<Scenario>;

const onS3 = (name: string, happens: readonly Step[], more: More = {}): Scenario => ({
  name,
  storage: 's3',
  happens,
  ...more,
});

/** In a folder of the embedded stack. */
const inFolder = (name: string, happens: readonly Step[], more: More = {}): Scenario => ({
  ...onS3(`${name} (embedded)`, happens, more),
  storage: 'folder',
});

function both(name: string, happens: readonly Step[], more: More = {}): Scenario[] {
  return [onS3(name, happens, more), inFolder(name, happens, more)];
}

/** The results of no run can be written. */
const noResults: More = { isCursed: (worker, port) => worker.role === 'infer' && port === 'results.replace' };
/** Each attempt of the file `a` fails, the only one that it has. */
const failsForGood: More = {
  attemptLimit: 1,
  isCursed: (worker, port, ownerOf) =>
    port === 'classify' && worker.execution !== undefined && ownerOf(worker.execution) === 'a',
};
/** A look at an unanswered request, or at truth that came too early, is each five minutes, so these take a day at least. A collect that
 * always takes longer than its time-out leaves a note at each of its tries, more and more of them, so the world is less slow. */
const ofQueues = (scenarios: readonly Scenario[], days = 1) =>
  scenarios.map((scenario): Scenario => ({ days, slowPace: 2000, ...scenario }));
/** The same with each of some faults. */
const ofFaults = (about: string, faults: readonly (readonly [string, Planned])[], happens: Step[], more: More = {}) =>
  faults.map(([what, fault]) => onS3(`${about} ${what}`, happens, { goesWrong: [fault], ...more }));
/** A call at which something goes wrong, as `collect:results.write#1 kill after`. */
function fault(text: string): Planned {
  const [, site, kind, when] = /^(.+) (\w+) (\w+)$/.exec(text)!;
  return { site, kind, when } as Planned;
}

const answers = { isAnswered: true };
const afterRuns = [request(requestOf('a', [chip(5)], answers)), request(requestOf('b', [chip(6)])), later(1200, sweep)];

/** Requests for predictions. */
export const REQUESTS = ofQueues([
  ...both('requests that come together, of which some inputs and some messages are bad', [
    request(requestOf('a', [chip(5), cut, numbers(6), chip(0), chip(MISSING_VALUE)], answers)),
    request(requestOf('b', [chip(9)])),
    request(requestOf('none', [cut, cut], answers)),
    soon(request(noRequest)),
    later(900, sweep),
  ]),
  ...both('requests of files of the inbox', [
    ...puts('a b', small),
    put('bad', broken),
    request(requestOf('r', [file('a'), chip(5), file('b'), file('bad'), nowhere, file('a')], answers)),
    later(900, sweep),
  ]),
  onS3(
    'requests that name files alone, large ones too, and files that are gathered',
    [
      put('a', three),
      put('b', other, { isLost: true }),
      request(requestOf('r', [file('a'), file('b')], answers)),
      soon(request(requestOf('s', [chip(6), file('b')], answers))),
      request(requestOf('other', [chip(7)], { ...answers, model: BESIDE })),
      later(900, sweep),
    ],
    { isGathered: true },
  ),
  onS3('requests that come twice, late, and written otherwise', twiceAndLate()),
  onS3(
    'requests of one id, around midnight',
    [
      request(requestOf('a', [chip(5)], answers)),
      request(requestOf('a', [chip(6)], answers)),
      later(57, request(requestOf('b', [chip(7)], answers))),
      later(70, request(requestOf('a', [chip(8)]))),
      later(1000, sweep),
    ],
    { begins: '23:59', days: 2 },
  ),
  onS3('requests that cannot be taken, and are put back', [
    ...[ofNoModel, ofStranger, noRequest].map((one) => request(one)),
    soon(request(requestOf('a', [chip(5)], answers))),
    later(300, redrive),
  ]),
  onS3(
    'requests whose answers are refused by their queue, until they are put back',
    [
      request(requestOf('a', [chip(5)], answers)),
      later(5, request(requestOf('b', [chip(6), cut], answers))),
      later(3000, lift, redrive, sweep),
    ],
    { isCursed: (_worker, port) => port === 'answers.send' },
  ),
  onS3(
    'requests by a model of pixels',
    [
      put('a.tif', mapped, { isLost: true }),
      request(requestOf('a', [chip(5), cut, file('a.tif'), chip(0)], answers)),
      later(1200, sweep),
    ],
    { ofPixels: true },
  ),
  ...ofFaults(
    'requests whose collect is',
    [
      ['killed when they are kept', fault('collect:results.replace#1 kill after')],
      ['killed before the start', fault('collect:executions.start#1 kill before')],
      ['killed after the start', fault('collect:executions.start#1 kill after')],
      ['killed when the note is left', fault('collect:requests.send#1 kill after')],
      ['killed when the answer is sent', fault('collect:answers.send#1 kill after')],
      ['at work when they are handed out again', fault('collect:results.write#1 hang before')],
    ],
    [request(requestOf('a', [chip(5), cut], answers)), ...afterRuns.slice(1)],
  ),
  ...both('requests whose execution dies before its first word', afterRuns, {
    goesWrong: [fault('machine:invoke infer#1 kill before')],
  }),
]);

function twiceAndLate(): Step[] {
  const [first, second] = [requestOf('a', [chip(5), numbers(6)], answers), requestOf('b', [chip(9), cut])];
  return [
    ...[first, second, first].map((one) => request(one)),
    soon(request(written(first))),
    later(30, request(second)),
    later(3600, request(first)),
    later(4500, sweep),
  ];
}

const [x, y, z] = [answeredOf('x', [5, 6]), answeredOf('y', [7, 0]), answeredOf('z', [9])];
const [blankOne, seven] = [answeredOf('x', [5, 0, 6]), answeredOf('y', [7])];
const parts = [0, 1, 2].map((part) => answered(answeredOf('long', [5 + part, 0, 9], { part })));

/** Predictions that were given over HTTP, on their way to be counted. */
export const ANSWERED = ofQueues([
  ...both('answered predictions, beside requests and a file', [
    put('a', small),
    answered(answeredOf('x', [5, 0, MISSING_VALUE, 6])),
    request(requestOf('r', [chip(9), cut], answers)),
    answered(answeredOf('y', [7])),
    later(900, sweep),
  ]),
  onS3('answered predictions that come twice, late, and in other company', [
    ...[x, y, x].map((one) => answered(one)),
    soon(answered(y)),
    later(30, answered(z)),
    later(30, answered(x)),
    later(3600, answered(z)),
    later(4500, sweep),
  ]),
  onS3(
    'answered predictions in parts, the last one first, around midnight',
    [parts[2]!, later(20, parts[0]!), later(57, parts[1]!), later(70, parts[2]!), later(1000, sweep)],
    { begins: '23:59', days: 2 },
  ),
  onS3('made-up predictions, as files of the inbox and as a request', [
    put(forgedKey, forgedFile),
    put('a.jsonl', forgedFile),
    request(forgedRequest),
    answered(x),
    later(300, redrive),
    later(900, sweep),
  ]),
  onS3('answered predictions of which some can never be counted', [
    ...[ofNobody, x, ofNoClass].map((one) => answered(one)),
    soon(answered(answeredOf('blank', [0, 0]))),
    later(300, redrive),
    later(900, sweep),
  ]),
  ...ofFaults(
    'answered predictions whose',
    [
      ['collect is killed when they are kept', fault('collect:results.replace#1 kill after')],
      ['collect is killed before the row', fault('collect:ledger.put#1 kill before')],
      ['collect is killed before the start', fault('collect:executions.start#1 kill before')],
      ['collect is killed after the start', fault('collect:executions.start#1 kill after')],
      ['collect hangs in the middle', fault('collect:results.find#1 hang after')],
      ['run is killed at a claim', fault('infer:ledger.put#2 kill after')],
      ['run is killed before its end', fault('infer:results.replace#1 kill after')],
      ['execution dies before its first word', fault('machine:invoke infer#1 kill before')],
    ],
    [answered(blankOne), answered(seven), later(40, answered(blankOne)), later(1200, sweep)],
  ),
]);

type Word = readonly [index: number, truth: number];
/** Of a file's chips, at so many minutes after noon. */
const said = (key: string, one: SceneFile, { minute = 0, reason = null as RegExp | null }, ...words: Word[]) =>
  truth(truthsOf(key, one, words, { at: at(minute), reason }));
const saidFirst = said('a', small, {}, [0, 2]);

/**
 * What is said to be true of chips. The values of files say it as well, so each word here is another one. Who says something says it within
 * the first minutes, or after the sweep that has judged the day.
 */
export const TRUTHS = ofQueues(
  [
    ...both('truth that comes when its runs are done, twice, and of two at once', [
      put('a', small),
      put('b', three),
      later(120, saidFirst, said('b', three, {}, [0, 1], [3, 3]), said('a', small, { minute: 1 }, [1, 0])),
      later(300, saidFirst),
    ]),
    onS3(
      'truth that comes before its run, and while that is tried again',
      [
        said('b', other, {}, [0, 2]),
        put('a', small),
        put('b', other, { isLost: true }),
        said('a', small, {}, [0, 3]),
        later(400, sweep),
        later(401, said('a', small, { minute: 1 }, [1, 1])),
        later(2000, sweep),
      ],
      { goesWrong: [fault('machine:invoke infer#1 kill before')] },
    ),
    ...both(
      'truth that comes when its day was judged, and is mended',
      [
        put('a', small),
        put('b', other),
        later(NEXT_DAY, sweep),
        later(NEXT_DAY + 600, said('a', small, { minute: 2 }, [0, 0], [1, 1])),
        later(NEXT_DAY + 900, said('a', small, { minute: 3 }, [0, 3])),
        later(NEXT_DAY + 1200, said('a', small, { minute: 1 }, [0, 2])),
        later(NEXT_DAY + 1200, said('b', other, { minute: 3 }, [0, 0])),
      ],
      { days: 3 },
    ),
    onS3('words on one chip by many, of one time and of several', [
      put('a', three),
      later(
        60,
        ...[1, 3, 0].map((word) => said('a', three, {}, [0, word])),
        soon(said('a', three, {}, [2, 3])),
        soon(said('a', three, { minute: 1 }, [0, 0], [3, 2])),
      ),
    ]),
    onS3('truth of files with the same bytes, and of some that nobody has predicted', [
      put('a', small),
      soon(put('b', small)),
      put('bad', broken),
      later(
        90,
        said('b', small, {}, [1, 3]),
        said('nowhere', other, { reason: /of “nowhere”: no run of it is known\./ }, [0, 1]),
        // Its run has failed where each of its attempts was lost to a fault; rule 1 judges which of the two it may be.
        said('bad', broken, { reason: /of “bad”: its run \w+ is (INVALID|FAILED)/ }, [0, 1]),
        said('a', small, { reason: /has predicted no such chip/ }, [7, 1]),
        said('a', small, { reason: /found “9”, allowed is one integer of 0, 1, 2, 3/ }, [0, 9]),
        said('a', small, { minute: 4, reason: /allowed is one truth for a chip/ }, [0, 1], [0, 2]),
      ),
      later(600, redrive),
      later(900, sweep),
    ]),
    ...ofFaults(
      'truth whose collect',
      [
        ['is killed when the object is written', fault('collect:results.replace#1 kill after')],
        ['is killed when the day is marked', fault('collect:ledger.put#1 kill after')],
        ['is killed when the row is written', fault('collect:ledger.update#1 kill after')],
        ['hangs before the row', fault('collect:ledger.update#1 hang before')],
      ],
      [
        put('a', small),
        later(NEXT_DAY, sweep),
        later(NEXT_DAY + 600, said('a', small, {}, [0, 0])),
        later(NEXT_DAY + 700, said('a', small, { minute: 1 }, [1, 1])),
      ],
      { days: 3 },
    ),
  ],
  2,
);

/** Of versions that are published, promoted and gone back from; no file comes. */
export const RELEASES: readonly Scenario[] = [
  ofReleases('versions that two people promote at once', [
    publish('1.1.0'),
    publish('1.2.0'),
    later(600, promote('1.1.0')),
    later(600, promote('1.2.0')),
    later(900, promote('1.2.0')),
    later(1200, soon(rollback)),
  ]),
  ofReleases('rollbacks at once, and a promotion beside another one', [
    publish('1.1.0'),
    publish('1.2.0'),
    later(600, promote('1.1.0')),
    later(900, promote('1.2.0')),
    later(1200, rollback),
    later(1200, rollback),
    later(1500, promote('1.2.0')),
    later(1500, rollback),
  ]),
  ofReleases('a version that is published twice at once, with other bytes', [
    publish('1.1.0'),
    publish('1.1.0', 1),
    later(600, publish('1.1.0', 1)),
    later(900, promote('1.1.0')),
    later(1200, publish('1.1.0')),
    later(1500, promote('1.1.0')),
  ]),
  ofReleases('a clock that is set back between promotions', [
    publish('1.1.0'),
    publish('1.2.0'),
    later(600, promote('1.1.0')),
    later(700, clock(-2)),
    later(900, promote('1.2.0')),
    later(1200, rollback),
  ]),
  ofReleases('a candidate of an alias that shadows, is promoted, and gone back from', [
    register('1.1.0'),
    later(60, watch),
    later(7 * DAY + 600, watch),
    later(7 * DAY + 600, watch),
    later(8 * DAY, watch),
    later(8 * DAY + 600, rollback),
    later(9 * DAY, watch),
  ]),
  ofReleases('a candidate that the gate refuses, beside another shadow', [
    publish('1.2.0'),
    later(600, shadow('1.2.0')),
    later(1200, register('1.3.0')),
    later(1300, watch),
    later(1500, promote('1.2.0')),
    ...[DAY, 8 * DAY + 600, 9 * DAY].map((seconds) => later(seconds, watch)),
  ]),
  ofReleases('a candidate that is promoted while people promote too', [
    publish('1.2.0'),
    register('1.1.0'),
    later(60, watch),
    later(7 * DAY + 600, watch),
    later(7 * DAY + 600, promote('1.2.0')),
    later(8 * DAY, watch),
    later(8 * DAY, rollback),
    later(8 * DAY, promote('1.1.0')),
    later(9 * DAY, watch),
  ]),
];

/** As a stage has them: on S3. */
function ofReleases(name: string, happens: Step[]): Scenario {
  return onS3(name, happens, { days: 11, isOfReleases: true });
}

const list =
  (...given: Parameters<FeedStage['list']>): Step =>
  ({ feed }) =>
    feed!.list(...given);
const look: Step = ({ feed }) => feed!.look();

/** Of a feed: Items are runs as all files are. */
const FEEDS: readonly Scenario[] = both(
  'a feed whose Items are listed late, in any order, and revised',
  [
    ...[list('a', 1), list('b', 30), look, soon(look)],
    ...[later(600, list('c', 50)), later(600, list('d', 2)), later(900, look), later(900, look)],
    ...[later(1200, list('a')), later(1800, list('e', 20)), later(2000, look)],
    ...[later(2600, list('f', 300)), later(3000, look), later(3600, sweep)],
  ],
  { isOfFeed: true },
);

/** The same bytes under many keys, in batches, in two of them, and beside them: one counts, and each of the others names that one. */
const DUPLICATES: readonly Scenario[] = [
  ...both('duplicates in batches: four keys, a sweep after what was lost', [
    ...puts('bulk/a bulk/b bulk/c bulk/d', small),
    later(2, sweep),
    later(1200, sweep),
  ]),
  ...both('duplicates in batches: of two folders, and single files beside them', [
    ...puts('bulk/m/a bulk/m/b bulk/n/c bulk/n/d bulk/n/e', small),
    put('bulk/n/f', other),
    soon(mark('bulk/m/')),
    soon(mark('bulk/n/')),
    later(3, put('a', small)),
    later(30, put('b', small)),
    later(1200, sweep),
  ]),
  onS3(
    'duplicates in batches: the first of three is deleted, and one more comes',
    [
      ...puts('bulk/a bulk/b bulk/c', small),
      later(2, sweep),
      later(2, soon(remove('bulk/a'))),
      later(900, put('bulk/0', small)),
      later(901, sweep),
    ],
    { attemptLimit: 2 },
  ),
  ...both(
    'duplicates in batches: the batch of the first fails, and a file comes that is worked on before it',
    [
      ...puts('bulk/b bulk/c bulk/d bulk/e bulk/f bulk/g bulk/h bulk/i bulk/j', small),
      later(2, sweep),
      later(900, lift),
      later(901, put('bulk/a', small)),
      later(902, sweep),
      later(1800, sweep),
    ],
    noResults,
  ),
  ...both('duplicates in batches: a file that is overwritten by a longer one, which lies under other keys', [
    ...puts('bulk/c bulk/d bulk/e', whole),
    ...puts('a bulk/f', small),
    soon(put('b', small)),
    later(2, sweep),
    later(20, put('a', whole)),
    later(40, put('b', whole)),
    later(1200, sweep),
  ]),
  onS3(
    'duplicates in batches: what fails for good beside them is tried again',
    [
      put('a', small),
      ...puts('b c d e f', small).map((one) => soon(one)),
      ...puts('bulk/g bulk/h', small),
      soon(sweep),
      later(900, lift, retry('a')),
      later(1500, sweep),
    ],
    failsForGood,
  ),
];

/** Of a model in a container, whose jobs wait, die, are started again and run twice. */
export const IN_CONTAINERS: readonly Scenario[] = [
  ...both(
    'a container: files of a run each, one twice, one bad, one empty',
    [
      ...[put('a', three), put('b', small), put('bad', broken), put('empty', blank)],
      ...[soon(event('a')), later(1500, event('b')), later(400, sweep), later(3000, sweep)],
    ],
    { isInContainer: true },
  ),
  onS3(
    'a container: one file of three parts, whose last attempt is its second',
    [put('a', three), later(900, event('a')), later(8000, sweep)],
    { isInContainer: true, attemptLimit: 2 },
  ),
  ...both(
    'a container: bulk files of several batches, and two sweeps',
    [
      ...[small, blank, broken, three].map((one, i) => put(`bulk/${'abcd'[i]}`, one)),
      later(2, sweep),
      later(900, sweep),
    ],
    { isInContainer: true },
  ),
  onS3(
    'a container: files that arrive together, and a sweep while their job waits',
    [put('a', small), put('b', other), put('c', blank), later(700, sweep), later(1300, sweep)],
    { isInContainer: true, isGathered: true },
  ),
  onS3('a container: files with a shadow', [put('a', three), put('b', small), later(4000, sweep)], {
    isInContainer: true,
    shadow: 'sound',
  }),
  onS3('a container: bulk files with a shadow', [put('bulk/a', three), put('bulk/b', small), later(2, sweep)], {
    isInContainer: true,
    shadow: 'sound',
  }),
];

export const SCENARIOS: readonly Scenario[] = [
  ...DUPLICATES,
  ...both('one file', [put('a', small)]),
  ...both('a file of three parts', [put('a', three)]),
  onS3('a file of three parts, and a sweep', [put('a', three), later(400, sweep)]),
  ...both('an empty file', [put('a', blank)]),
  ...both('a bad file beside a good one', [put('bad', broken), soon(put('good', small))]),
  ...both('two files at once', [put('a', small), put('b', other)]),
  ...both(
    'a model whose server does not answer for an hour',
    [put('a', three), soon(put('b', other)), later(1800, put('c', small)), later(3600, lift)],
    { isModelDown: true, attemptLimit: 1 },
  ),
  ...both('duplicate events at once', [put('a', small), event('a'), soon(event('a'))]),
  ...both('the same bytes under two keys', [put('a', small), soon(put('b', small))]),
  onS3('the same bytes, and the first is deleted', [put('a', small), soon(put('b', small)), soon(remove('a'))]),
  onS3(
    'the same bytes, and the first fails for good',
    [put('a', small), soon(put('b', small)), soon(put('c', small)), later(700, sweep)],
    failsForGood,
  ),
  ...both('an overwrite in mid-run', [put('a', three), soon(put('a', other))]),
  ...both('an object deleted before its run', [put('a', small), remove('a'), soon(put('b', other))]),
  ...both('an object deleted in mid-run', [put('a', three), soon(remove('a'))]),
  inFolder('a file deleted that comes back with the same bytes', [
    put('a', small),
    remove('a'),
    ...[400, 800].map((seconds) => later(seconds, sweep)), // which use its attempts up
    later(1200, put('a', small)),
  ]),
  inFolder('a file deleted that comes back while nothing runs', [
    put('a', small),
    remove('a'),
    ...[400, 800].map((seconds) => later(seconds, sweep)),
    later(1200, putUnseen('a', small)),
    later(1600, sweep),
  ]),
  inFolder(
    'a file deleted that comes back, beside another of the same bytes',
    [put('a', small), soon(put('b', small)), soon(remove('a')), later(400, put('a', small)), later(400, sweep)],
    { attemptLimit: 1 },
  ),
  inFolder('a file written over, and back', [
    put('a', three),
    soon(put('a', other)),
    later(400, putUnseen('a', three)),
  ]),
  inFolder('a bulk file deleted while its batch is on its way, and back', [
    put('bulk/a', small),
    put('bulk/b', other),
    later(2, sweep),
    later(2, soon(remove('bulk/a'))),
    ...[400, 800].map((seconds) => later(seconds, sweep)),
    later(1200, put('bulk/a', small)),
  ]),
  onS3(
    'a run that lands in a closed day',
    [put('a', small), later(20, put('b', other)), later(58, put('c', three)), later(60, sweep), later(62, sweep)],
    { begins: '23:59' },
  ),
  onS3(
    'runs that land in a closed day together',
    [put('a', small), later(59, put('b', other), put('c', three), put('d', sceneFile(21, 22))), later(60, sweep)],
    { begins: '23:59' },
  ),
  onS3('a retry beside a sweep', [put('a', small), later(900, lift, retry('a'), retry('a'), sweep)], {
    attemptLimit: 1,
    ...noResults,
  }),
  onS3('a sweep beside the events', [put('a', small), put('b', blank), soon(sweep), soon(sweep)]),
  ...both('bulk files of one batch', [put('bulk/a', small), put('bulk/b', three), later(2, sweep)]),
  ...both('bulk files of several batches, and a marker', [
    put('bulk/n/a', small),
    put('bulk/n/b', blank),
    put('bulk/n/c', broken),
    put('bulk/n/d', other),
    put('bulk/n/e', three),
    later(2, mark('bulk/n/')),
  ]),
  ...both('the same bytes in bulk and in the inbox', [
    ...puts('bulk/a bulk/b', small),
    put('bulk/c', other),
    soon(put('a', small)),
    soon(sweep),
    later(3, put('c', other)),
  ]),
  ...both('two sweeps of the same bulk files, of other batches', [
    ...[small, other, three, blank].map((one, i) => put(`bulk/m/${i}`, one)),
    soon(sweep),
    soon(mark('bulk/m/')),
    later(400, sweep),
  ]),
  onS3(
    'a bulk file that fails, and is tried again by whom may',
    [put('bulk/a', small), ...puts('bulk/b b', other), later(2, sweep), later(900, lift, retry('bulk/a'), sweep)],
    { attemptLimit: 2, ...noResults },
  ),
  onS3('bulk files deleted, and stray events of others', [
    ...puts('bulk/a bulk/b', small),
    put('bulk/c', three),
    event('bulk/c'),
    later(2, sweep),
    soon(remove('bulk/a')),
  ]),
  onS3('a bulk file deleted while its batch is on its way', [
    put('bulk/a', small),
    put('bulk/b', other),
    later(2, sweep),
    later(60, remove('bulk/a')),
  ]),
  onS3(
    'bulk files of a day that closes',
    [
      put('bulk/n/a', small),
      put('bulk/n/b', other),
      later(90, put('c', three)),
      later(100, mark('bulk/n/')),
      later(121, sweep),
      later(125, sweep),
    ],
    { begins: '23:58' },
  ),
  onS3(
    'a run that failed weeks ago, and a retry of it that is not started',
    [put('a', small), later(DAY, sweep), later(14 * DAY, lift, sweep), later(15 * DAY, retry('a'))],
    { attemptLimit: 1, days: 16, goesWrong: [fault('operator:executions.start#1 permanent before')], ...noResults },
  ),
  ...both(
    'the same bytes, and a run that is done cannot say so',
    [put('a', small), soon(put('b', small)), later(700, sweep)],
    { goesWrong: [fault('drift:ledger.update#2 kill after')] },
  ),
  ...both(
    'the same bytes, and the last attempt of the first is lost',
    [
      sweep, // the next one is none of everything
      later(60, put('a', small), soon(put('b', small)), soon(put('c', small))),
    ],
    { attemptLimit: 1, goesWrong: [fault('machine:invoke infer#1 abort before')] },
  ),
  onS3(
    'a batch that is settled while its first worker hangs',
    [put('bulk/a', small), put('bulk/b', other), later(2, sweep), later(1800, sweep)],
    {
      attemptLimit: 2,
      goesWrong: ['infer:results.replace#1 hang before', 'infer:results.readPiece#2 permanent before'].map(fault),
    },
  ),
  onS3(
    'a batch of which one file fails and another one has to be tried again',
    [put('bulk/a', small), put('bulk/b', other), put('bulk/c', three), later(2, sweep)],
    { goesWrong: ['infer:inbox.open#1 permanent before', 'infer:inbox.open#2 transient before'].map(fault) },
  ),
  onS3('folders that the S3 console has made', [
    folder('n/'),
    folder('bulk/n/'),
    put('n/a', small),
    put('bulk/n/a', other),
    later(2, mark('bulk/n/')),
    later(400, sweep),
  ]),
  inFolder('a clock that is a month ahead, and set right', [
    put('a', small),
    clock(30),
    put('b', three),
    put('bulk/b', other),
    later(40, sweep),
    later(
      60,
      put('c', sceneFile(21, 22)),
      clock(0),
      put('d', blank),
      put('e', sceneFile(23, 0), { isLost: true }),
      put('bulk/d', sceneFile(24)),
    ),
  ]),
  inFolder('a clock that is twenty days behind, and set right', [
    sweep,
    later(30, put('a', three), clock(-20), put('b', small), put('bulk/b', other)),
    later(70, put('c', sceneFile(21, 22)), clock(0), put('d', blank)),
  ]),
  ...both('a raster of three parts by a model of pixels', [put('a.tif', mapped)], { ofPixels: true }),
  onS3(
    'the same raster under two keys, by a model of pixels, and a sweep',
    [put('a.tif', mapped), soon(put('b.tif', mapped)), later(700, sweep)],
    { ofPixels: true, attemptLimit: 2 },
  ),
  ...both(
    'files that arrive together and are gathered',
    [
      put('a', small),
      put('b', three),
      put('bad', broken),
      soon(put('c', blank)),
      soon(put('d', small)),
      later(900, sweep),
    ],
    { isGathered: true },
  ),
  onS3(
    'events that come twice, and late, and are gathered',
    [put('a', small), put('b', other), event('a'), soon(event('b')), later(20, event('a')), later(3600, event('b'))],
    { isGathered: true },
  ),
  onS3(
    'files that are gathered while a sweep looks for them, and one that is overwritten',
    [
      put('a', small),
      put('b', other),
      put('c', three),
      soon(sweep),
      soon(remove('c')),
      later(60, put('a', whole)),
      later(90, sweep),
    ],
    { isGathered: true },
  ),
  onS3(
    'gathered files around midnight, of which one has no event',
    [
      put('a', small),
      put('b', other, { isLost: true }),
      later(55, put('c', three)),
      later(70, put('d', blank)),
      later(1000, sweep),
    ],
    { isGathered: true, begins: '23:59' },
  ),
  onS3(
    'gathered files whose collect is killed between the manifest and the start',
    [put('a', small), put('b', other), later(1200, sweep)],
    { isGathered: true, goesWrong: [fault('collect:executions.start#1 kill before')] },
  ),
  onS3(
    'gathered files whose collect works on when their messages are handed out again',
    [put('a', small), put('b', other), later(30, put('c', three))],
    { isGathered: true, goesWrong: [fault('collect:results.write#1 hang before')] },
  ),
  ...REQUESTS,
  ...ANSWERED,
  ...TRUTHS,
  ...RELEASES,
  ...FEEDS,
  ...IN_CONTAINERS,
];

/** Of two live models; apart from the others, since each call is there for both of them: ./scenarios.test.ts plays them. */
export const OF_TWO_MODELS: readonly Scenario[] = [
  ...both(
    'a file that two live models take, and its event twice',
    [put('a', small), soon(event('a')), later(400, sweep)],
    { beside: ['*'] },
  ),
  onS3(
    'files of two live models, of which one has no event, and one is overwritten',
    [
      put('north/a', other, { isLost: true }),
      putUnseen('south/b', broken),
      put('south/c', small),
      later(200, put('south/c', whole)),
      later(700, sweep),
    ],
    { beside: ['south/*'] },
  ),
  onS3(
    'bulk files of two live models, and a marker',
    [put('bulk/n/a', small), put('bulk/n/b', other), put('c', small), later(2, mark('bulk/n/'))],
    { beside: ['bulk/*', 'c'] },
  ),
];

const seen = { isShadowed: true };
const [xSeen, ySeen] = [answeredOf('x', [5, MISSING_VALUE, 6], seen), answeredOf('y', [7, 0], seen)];

/** Of a version that is shadowed; apart from the others for the same reason: ./scenarios.test.ts plays them. */
export const OF_A_SHADOW: readonly Scenario[] = (['sound', 'failing'] as const).flatMap((shadow) => [
  ...both(
    `files with a ${shadow} shadow, one of them twice, one bad, one empty`,
    [
      put('a', three),
      put('b', small),
      put('bad', broken),
      put('empty', blank),
      soon(event('a')),
      soon(put('same', small)),
      later(400, sweep),
    ],
    { shadow },
  ),
  ...both(
    `bulk files of several batches, with a ${shadow} shadow`,
    [...[small, blank, broken, three, small].map((one, i) => put(`bulk/${'abcde'[i]}`, one)), later(2, sweep)],
    { shadow },
  ),
  ...both(
    `answered predictions that come twice, late, and in other company, most of them seen by a ${shadow} shadow`,
    [
      ...[xSeen, ySeen, z].map((one) => answered(one)),
      soon(answered(ySeen)),
      later(30, answered(answeredOf('w', [9, 10], seen))),
      later(30, answered(xSeen)),
      later(3600, answered(ySeen)),
      later(4500, answered(answeredOf('unseen', [11]))),
      later(5000, sweep),
    ],
    { shadow },
  ),
  onS3(
    `two overwrites and a lost event, with a ${shadow} shadow`,
    [
      put('a', small),
      later(200, put('a', whole)),
      put('b', three),
      soon(put('b', other)),
      put('c', other, { isLost: true }),
      later(700, sweep),
    ],
    { shadow },
  ),
]);
