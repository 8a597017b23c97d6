import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastWordInput } from '../../../core/base/messages.ts';
import type { EndedRun } from '../../../core/ledger/ledgerItem.ts';
import { bandSumsText } from '../../../core/measures/bands/bandSumsText.ts';
import type { Datum } from '../../../core/metrics/metrics.ts';
import { readModelPackage } from '../../../core/tasks/readModelPackage.ts';
import { alarmsOf } from '../../../observability/alarms.ts';
import { readBaselineFile } from '../../../test/benches/packages.ts';
import { noShadow, noTrial, servingOf } from '../../../test/benches/serving.ts';
import { storedCounts } from '../../../test/benches/summaries.ts';
import { exampleParameters } from '../../../test/documents/exampleParameters.ts';
import type { DriftPorts } from '../ports.ts';
import { makeRecentDrift } from './recentDrift.ts';

/**
 * Bursts of runs, and what an alarm makes of what they publish: of each minute it knows the highest number. The index is a
 * list, and time is the test's.
 */

const model = await readModelPackage(readBaselineFile);
const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };
const day = '2026-03-01';
const GOOD = [180, 45, 46, 29];
const DRIFTED = [0, 0, 0, 300];
const [drift] = alarmsOf(exampleParameters).filter(({ id }) => id === 'drift');

function makeBench({ isRefused = false, live = model } = {}) {
  const index: EndedRun[] = [];
  const published: (Datum & { minute: string })[] = [];
  const started = new Map<string, unknown>();
  const asked: string[] = [];
  let now = Date.parse(`${day}T10:00:00Z`);
  const minute = () => new Date(now).toISOString().slice(0, 16);
  const ports: Partial<DriftPorts> = {
    ledger: {
      ofDay: async function* (asked: string, { cutOff = '~' }: { cutOff?: string } = {}) {
        if (asked === day) yield* index.filter(({ changed }) => changed <= cutOff).toReversed();
      },
    } as unknown as DriftPorts['ledger'],
    models: { load: async () => live, isTrial: noTrial, shadow: noShadow, serving: servingOf(ref) },
    publish: async (datums) => void published.push(...datums.map((datum) => ({ ...datum, minute: minute() }))),
    now: () => new Date(now),
    executions: {
      start: async (name, input) => {
        if (isRefused) throw new Error('no room');
        asked.push(name);
        if (started.has(name)) return 'known';
        started.set(name, input);
        return 'started';
      },
    },
    threshold: 0.25,
    minimum: 1,
    driftWindow: 300,
    blankShareLimit: 0.5,
    accuracyLimit: 0.5,
  };
  /** Functions run in containers of their own, which know nothing of each other. */
  const newContainer = () => makeRecentDrift(ports as DriftPorts);
  const containers = [newContainer()];

  function done(counts: number[], more: Partial<EndedRun> = {}): EndedRun & { day: string } {
    const chips = counts.reduce((sum, count) => sum + count, 0);
    const of = { run: crypto.randomUUID(), model: ref, ...storedCounts(counts, { probabilitySum: chips / 2 }) };
    const run = { ...of, chips, blank: 0, changed: new Date(now).toISOString(), ...more };
    index.push(run);
    return { ...run, day };
  }

  return {
    published,
    started,
    asked,
    containers,
    newContainer,
    done,
    at: (time: string) => {
      now = Date.parse(`${day}T${time}Z`);
    },
    /** A run comes to its end and is published, by some container. */
    judged: (counts: number[], container = containers[0]!) => container.publishAfter(ref, [done(counts)]),
    /** Lets what was asked for happen, each at its time, until nothing more is. */
    lastWords: async () => {
      for (const input of started.values()) {
        now = Math.max(now, Date.parse((input as { at: string }).at));
        await newContainer().publishLive();
      }
    },
    /** What an alarm knows of each minute, and how it stands at the end. */
    isAlarm: () => {
      const highest = new Map<string, number>();
      for (const { metric, value, minute } of published)
        if (metric === 'Drift') highest.set(minute, Math.max(value, highest.get(minute) ?? 0));
      return [...highest.values()].at(-1)! > drift!.threshold;
    },
  };
}

describe('an alarm on the maximum of each minute ends with the last window of a burst', () => {
  for (const [what, files] of [
    ['drift and none', [DRIFTED, GOOD]],
    ['none and drift', [GOOD, DRIFTED]],
    ['none, drift, and none', [GOOD, DRIFTED, GOOD]],
    ['drift, none, and drift', [DRIFTED, GOOD, DRIFTED]],
  ] as const)
    for (const before of [undefined, GOOD, DRIFTED])
      test(`${what}, within a minute, ${before === undefined ? 'and nothing before' : `after ${before === GOOD ? 'none' : 'drift'}`}`, async () => {
        const { at, judged, lastWords, isAlarm } = makeBench();
        at('09:50:30');
        if (before !== undefined) await judged(before);
        await lastWords();
        for (const [second, counts] of files.entries()) {
          at(`10:00:0${second}`);
          await judged(counts);
        }
        await lastWords();
        assert.equal(isAlarm(), files.at(-1) === DRIFTED);
      });

  test('even if runs ended together, each published by its own invocation', async () => {
    const { at, done, judged, newContainer, lastWords, isAlarm, asked } = makeBench();
    at('10:00:01');
    await judged(DRIFTED);
    at('10:03:05');
    await judged(DRIFTED); // as it was before: nobody has to ask
    assert.equal(asked.length, 1);
    const together = [done(GOOD), done(GOOD)]; // neither is the first that says so
    for (const run of together) await newContainer().publishAfter(ref, [run]);
    await lastWords();
    assert.equal(isAlarm(), false);
  });

  test('where it goes on over minutes', async () => {
    const { at, judged, lastWords, isAlarm, newContainer } = makeBench();
    for (let minute = 10; minute < 30; minute += 1)
      for (const second of ['05', '25', '45']) {
        at(`10:${minute}:${second}`);
        await judged((minute + Number(second)) % 3 === 0 ? DRIFTED : GOOD, newContainer());
      }
    at('10:29:59');
    await judged(GOOD);
    await lastWords();
    assert.equal(isAlarm(), false);
  });
});

describe('a look is asked for', () => {
  test('two minutes on, under a name that says when', async () => {
    const { at, judged, started } = makeBench();
    at('10:00:59.999');
    await judged(DRIFTED);
    assert.deepEqual([...started], [['last-word-202603011002', lastWordInput(new Date(`${day}T10:02:00.000Z`))]]);
  });

  test('unless the value equals the last one', async () => {
    const { at, judged, asked } = makeBench();
    for (const time of ['10:00:01', '10:00:02', '10:05:00', '10:05:59', '10:06:00']) {
      at(time);
      await judged(GOOD);
    }
    assert.deepEqual(asked, []);
  });

  test('once a minute by each function, however many runs it judges', async () => {
    const { at, judged, asked } = makeBench();
    for (let second = 10; second < 40; second += 1) {
      at(`10:00:${second}`);
      await judged(second % 2 === 0 ? DRIFTED : GOOD);
    }
    assert.deepEqual(asked, ['last-word-202603011002']);
  });

  test('before the word is out that it is about', async () => {
    const { judged, published } = makeBench({ isRefused: true });
    await assert.rejects(judged(DRIFTED), /no room/);
    assert.deepEqual(published, []);
  });

  const numbers = { mean: 5, deviation: 2, betweenChips: 2, valuesPerChip: 1, degreesOfFreedom: 1 };
  const profile = [{ name: 'B1', source: 0, chips: 500, edges: [2, 8, 12], counts: [500, 500], ...numbers }];
  const moments = { nodata: 0, mean: 5, squares: 9, minimum: 2, maximum: 9, chipMean: 5, chipSquares: 9 };
  const ofBand = (...counts: number[]) => ({ bands: bandSumsText([{ chips: 500, counts, ...moments }]) });
  const ofRight = (right: number) => {
    const told = { truths: [300, 0, 0, 0], right: [right, 0, 0, 0], wrong: [0, 0, 0, 0], confused: [] };
    return storedCounts(GOOD, { probabilitySum: 150, ...told });
  };
  for (const [what, usual, other, live] of [
    ['too many chips are blank', {}, { chips: 700, blank: 400 }, model],
    ['fewer predictions are right than the limit asks for', ofRight(200), ofRight(100), model],
    ['a source band drifts', ofBand(0, 250, 250, 0), ofBand(0, 0, 500, 0), { ...model, profile }],
  ] as const)
    test(`where ${what}, and where that is over`, async () => {
      const { at, done, containers, asked } = makeBench({ live });
      for (const [minute, more] of [usual, other, usual].entries()) {
        at(`10:${minute}0:00`);
        await containers[0]!.publishAfter(ref, [done(GOOD, more)]);
      }
      assert.deepEqual(asked, ['last-word-202603011012', 'last-word-202603011022']);
    });

  test('and not by the look itself, if no run has ended since', async () => {
    const { at, judged, lastWords, asked } = makeBench();
    at('10:00:30');
    await judged(DRIFTED);
    await lastWords();
    assert.equal(asked.length, 1);
  });
});
