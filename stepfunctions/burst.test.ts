import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { readParameters } from '../deployment/defaults.ts';
import { readDefinition } from '../local/stack/service.ts';
import { sfc32 } from '../replay/sfc32.ts';
import { type Drained, drain, type Throttling } from '../test/stateMachine/burst.ts';

/** What becomes of ten thousand files in a minute, by the definition's own numbers. */

const FILES = 10_000;
const DOLLARS_PER_TRANSITION = 0.000025; // https://aws.amazon.com/step-functions/pricing/
/** A start from cold, a file of a few hundred chips: what each step of a scene takes, rather more than less. */
const SECONDS = { Preprocess: 3, 'Infer part': 2, Drift: 1 };

const retrySchema = z.object({
  ErrorEquals: z.array(z.string()),
  IntervalSeconds: z.number(),
  MaxAttempts: z.number(),
  BackoffRate: z.number(),
  MaxDelaySeconds: z.number(),
  JitterStrategy: z.literal('FULL'),
});
const states = JSON.parse(JSON.stringify(readDefinition().States));

/** The retrier that answers throttling in one of the states. */
function throttlingOf(name: string): Throttling {
  const state = states[name] ?? states.Infer.ItemProcessor.States[name];
  const retriers = z.array(retrySchema).parse(state.Retry);
  const retrier = retriers.find(({ ErrorEquals }) => ErrorEquals.includes('Lambda.TooManyRequestsException'));
  return retrier ?? assert.fail(`${name} does not retry throttling`);
}

const steps = Object.entries(SECONDS).map(([name, seconds]) => ({ retry: throttlingOf(name), seconds }));
const secondsPerFile = Object.values(SECONDS).reduce((sum, seconds) => sum + seconds, 0);
const burst = (concurrency: number) => ({
  files: FILES,
  withinSeconds: 60,
  concurrency,
  steps,
  random: sfc32(1, 2, 3),
});
const drained = new Map<number, Drained>();
/** What becomes of them, which several tests look at. */
function drainedBy(concurrency: number): Drained {
  const found = drained.get(concurrency) ?? drain(burst(concurrency));
  drained.set(concurrency, found);
  return found;
}

describe('ten thousand files in a minute', () => {
  /** New accounts have 10; 1,000 is the default quota. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
  for (const concurrency of [10, 100, 1000])
    it(`are worked off where ${concurrency} invocations may run at once`, () => {
      const { done, failed, seconds, retries, mostRetries } = drainedBy(concurrency);
      assert.deepEqual({ done, failed }, { done: FILES, failed: 0 });
      const allowed = Math.min(...steps.map(({ retry }) => retry.MaxAttempts));
      assert.ok(mostRetries * 4 <= allowed, `a step was tried ${mostRetries} times, allowed are ${allowed}`);
      // A try every few minutes leaves a gap here and there, and a last file that waits once more.
      const atBest = Math.max(60, (FILES * secondsPerFile) / concurrency);
      const longest = Math.max(...steps.map(({ retry }) => retry.MaxDelaySeconds));
      assert.ok(seconds <= 1.25 * atBest + 2 * longest, `${seconds} s, at best ${atBest} s`);
      assert.ok(retries * DOLLARS_PER_TRANSITION < 10, `${retries} retries`);
    });

  it('are what docs/deploy.md says of them', () => {
    const page = readFileSync(new URL('../docs/deploy.md', import.meta.url), 'utf8');
    for (const concurrency of [10, 100, 1000]) {
      const { seconds, retries, mostRetries } = drainedBy(concurrency);
      const row = [seconds / 60, retries, retries * DOLLARS_PER_TRANSITION].map((number) =>
        Number(number.toPrecision(number < 0.1 ? 1 : 2)).toLocaleString('en'),
      );
      const [minutes, tries, dollars] = row;
      const line = `${concurrency.toLocaleString('en')}[^|]*\\| ${minutes} \\| ${tries} \\| \\$${dollars} \\| ${mostRetries} \\|`;
      assert.match(page, new RegExp(`^\\| ${line}$`, 'm'));
    }
  });

  it('are worked off even when each of them takes ten times as long', () => {
    const slow = steps.map(({ retry, seconds }) => ({ retry, seconds: 10 * seconds }));
    const { failed, mostRetries } = drain({ ...burst(100), steps: slow });
    assert.equal(failed, 0);
    assert.ok(mostRetries * 4 <= steps[0]!.retry.MaxAttempts);
  });

  it('are found to fail where a try too few is allowed', () => {
    const few = steps.map(({ retry, seconds }) => ({
      retry: { ...retry, MaxAttempts: 3, MaxDelaySeconds: 60 },
      seconds,
    }));
    const { done, failed } = drain({ ...burst(10), steps: few });
    assert.ok(failed > FILES / 2, `${failed} failed`);
    assert.equal(done + failed, FILES);
  });
});

describe('ten thousand files of 81 chips in a minute, gathered', () => {
  const { bytesPerBatch, arrivalsWindowSeconds: _, ...parameters } = readParameters();
  const window = 60;
  const FILE_BYTES = 3_786_000;
  const FILES_OF_A_CALL = 400; // of the 500 that a call takes, as pollers share what there is
  const filesPerBatch = Math.floor(Number(bytesPerBatch) / FILE_BYTES);
  const calls = Math.ceil(FILES / FILES_OF_A_CALL);
  const batches = calls * Math.ceil(FILES_OF_A_CALL / filesPerBatch);
  const hiddenSeconds = 6 * Number(parameters['collectTimeout']) + window;
  /** A call that finds no room comes again when its messages do; SQS gives them up after five times. */
  const comesAgain = { IntervalSeconds: hiddenSeconds, MaxAttempts: 4, BackoffRate: 1, MaxDelaySeconds: hiddenSeconds };
  const gathering = { files: calls, withinSeconds: window, steps: [{ retry: comesAgain, seconds: 5 }] };
  const ofBatch = { 'Classify arrivals': 6, 'Watch arrivals': 1 };
  const stepsOfBatch = Object.entries(ofBatch).map(([name, seconds]) => ({ retry: throttlingOf(name), seconds }));
  const gathered = (concurrency: number) => ({
    files: batches,
    withinSeconds: window,
    concurrency,
    steps: stepsOfBatch,
    random: sfc32(1, 2, 3),
  });

  for (const concurrency of [10, 100, 1000])
    it(`are worked off where ${concurrency} invocations may run at once, sooner than with an execution each`, () => {
      const { done, failed, seconds, retries } = drain(gathered(concurrency));
      assert.deepEqual({ done, failed }, { done: batches, failed: 0 });
      const each = drainedBy(concurrency);
      assert.ok(
        seconds + window <= Math.max(each.seconds, 3 * window),
        `${seconds} s, an execution each ${each.seconds} s`,
      );
      assert.ok(retries <= each.retries, `${retries} retries, an execution each ${each.retries}`);
    });

  it('are gathered, and no message is given up, while the batches before them take the room', () => {
    for (const concurrency of [10, 100, 1000]) {
      const { done, failed } = drain({ ...gathered(concurrency), ...gathering, beside: gathered(concurrency) });
      assert.deepEqual({ done, failed }, { done: calls + batches, failed: 0 });
    }
  });

  for (const filesADay of [200, 5000, 100_000])
    it(`of a day of ${filesADay.toLocaleString('en')}, 95 in a hundred are done 75 s after they came`, () => {
      const random = sfc32(4, 5, 6);
      const DAY = 86_400;
      const [toQueue, gather] = [2, 3];
      const came = Array.from({ length: filesADay }, () => random() * DAY).toSorted((one, other) => one - other);
      /** When each poller hands on what it has, and how many those are: its window begins with the first of them. */
      const pollers = Array.from({ length: 5 }, () => ({ until: -1, messages: 0 }));
      const waits = came.map((at) => {
        const poller = pollers[Math.floor(random() * pollers.length)]!;
        const seen = at + toQueue;
        if (seen > poller.until || poller.messages === 500)
          Object.assign(poller, { until: seen + window, messages: 0 });
        poller.messages += 1;
        return poller.until + gather + ofBatch['Classify arrivals'] - at;
      });
      const p95 = waits.toSorted((one, other) => one - other)[Math.floor(0.95 * waits.length)]!;
      assert.ok(p95 <= 75, `${p95} s`);
    });

  it('are what docs/decisions/0010 says of them', () => {
    const page = readFileSync(
      new URL('../docs/decisions/0010-a-burst-waits-in-its-executions.md', import.meta.url),
      'utf8',
    );
    for (const concurrency of [10, 100, 1000]) {
      const { seconds, retries } = drain(gathered(concurrency));
      const minutes = Number((seconds / 60).toPrecision(2));
      const line = `| ${concurrency.toLocaleString('en')} | ${minutes} | ${retries.toLocaleString('en')} |`;
      assert.ok(page.includes(line), line);
    }
    assert.ok(page.includes(`${batches} executions`), `${batches} executions`);
  });
});

describe('the queue', () => {
  const retry = { IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2, MaxDelaySeconds: 5 };
  /** Everybody waits as long as the retry allows. */
  const random = () => 1;
  const one = { withinSeconds: 0, concurrency: 1, random };

  it('takes one after the other: the second waits 2 s, and then 4 s', () => {
    assert.deepEqual(drain({ ...one, files: 2, steps: [{ retry, seconds: 3 }] }), {
      done: 2,
      failed: 0,
      seconds: 2 + 4 + 3,
      retries: 2,
      mostRetries: 2,
    });
  });

  it('gives up after so many tries', () => {
    const { done, failed, retries } = drain({ ...one, files: 2, steps: [{ retry, seconds: 100 }] });
    assert.deepEqual({ done, failed, retries }, { done: 1, failed: 1, retries: 3 });
  });

  it('counts the tries of each step anew', () => {
    const twice = [1, 1].map((seconds) => ({ retry, seconds }));
    assert.deepEqual(drain({ ...one, files: 1, steps: twice }), {
      done: 1,
      failed: 0,
      seconds: 2,
      retries: 0,
      mostRetries: 0,
    });
  });
});
