import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ClaimLost,
  ContainerNeeded,
  EndpointUnavailable,
  Interrupted,
  InvalidModelPackage,
  TransientTrouble,
} from '../../../core/base/errors.ts';
import { jobKey } from '../../../core/base/keys.ts';
import type { InferCall, RunRef, ShadowRef } from '../../../core/base/messages.ts';
import { leftOut } from '../../../core/batches/batchResult.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import type { HoldsBatches, OpenBatch } from '../../../core/ledger/openBatches.ts';
import { batchOf } from '../../../test/benches/ledgerRows.ts';
import { makeTestResults } from '../../../test/benches/results.ts';
import { isAnswered, makeAskContainer } from './askContainer.ts';
import { JOB_SECONDS } from './job.ts';
import { makeWork, type WorkPorts } from './work.ts';

/** How infer asks for a job in a container, what the job does, and how infer finds its outcome. */

const now = new Date('2026-03-01T10:00:00Z');
const model = { name: 'm', version: '1' };
const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
const execution = 'arn:aws:states:us-east-1:000000000000:execution:swath:first';
const run: RunRef = {
  id: '0f'.repeat(16),
  scene,
  model,
  attempt: 1,
  execution,
  digest: 'ab'.repeat(32),
  day: '2026-03-01',
};
const batch = batchOf({ files: 2 });
const shadow: ShadowRef = { model: { ...model, version: '2' }, run, parts: 2, chips: 3, blank: 0 };
const PART: InferCall = { run, part: 1 };
const BATCH: InferCall = { batch, execution };
const SHADOW: InferCall = { shadow, progress: { left: 2 }, execution };
const PARTS = 3;
const done = { ...leftOut(2), leftOut: 0, done: 2 };
const invocation = { remainingSeconds: () => 1e9, signal: new AbortController().signal };
const KEY = jobKey(execution, run.id);

const ANSWERED = `answered/${'ab'.repeat(32)}.jsonl`;

type Infer = WorkPorts['infer'];
type Change = {
  hasContainers?: boolean;
  infer?: Infer;
  findBatch?: WorkPorts['ledger']['findBatch'];
  signal?: AbortSignal;
  isAnothers?: boolean;
};

/** The results bucket, infer that asks, and the job; `calls` are the job's calls of infer, `leases` what was renewed, in seconds. */
function makeBench(change: Change = {}) {
  const results = makeTestResults();
  const calls: unknown[] = [];
  const leases: number[] = [];
  const pauses: number[] = [];
  const renew = async (_run: unknown, _now: Date, seconds: number) => {
    leases.push(seconds);
    return { parts: PARTS } as LedgerRow;
  };
  const ports = { ...results.ports, now: () => now, leaseSeconds: 300 };
  const opened: unknown[] = [];
  const openBatch: HoldsBatches['openBatch'] = async (...[, by, , seconds]) => {
    opened.push([by, seconds]);
    return change.isAnothers ? undefined : ({} as OpenBatch);
  };
  const findBatch = change.findBatch ?? (async () => undefined);
  const hasContainers = change.hasContainers ?? true;
  const ask = makeAskContainer({ ...ports, ledger: { renew, findBatch, openBatch }, hasContainers });
  const infer: WorkPorts['infer'] = async (call, invocation) => {
    calls.push(call);
    return (await change.infer?.(call, invocation)) ?? ('batch' in (call as object) ? done : { left: 0 });
  };
  const work = makeWork({
    ...ports,
    ledger: { renew, findBatch },
    infer,
    inferPart: infer,
    pause: async (milliseconds) => void pauses.push(milliseconds),
  });
  const asked = (call: InferCall) => ask(call, invocation, {});
  return {
    results,
    calls,
    opened,
    leases,
    pauses,
    asked,
    /** Asks for the job and does it; returns whether it has an outcome. */
    worked: async (call: InferCall) => {
      await assert.rejects(asked(call), ContainerNeeded);
      return work(results.keys().find((key) => !/outcome|progress/.test(key))!, invocation);
    },
    work: (key = KEY) => work(key, { ...invocation, signal: change.signal ?? invocation.signal }),
  };
}

describe('infer, whose model needs a container,', () => {
  for (const [what, call, key, message] of [
    ['a part of a run', PART, KEY, { run }],
    ['a batch', BATCH, jobKey(execution, batch.id), { batch, execution }],
    ['a shadow', SHADOW, jobKey(execution, 'shadow'), SHADOW],
  ] as [string, InferCall, string, object][])
    test(`asks for a job for ${what} by a message under a key of the execution, however often it is called`, async () => {
      const { asked, results } = makeBench();
      for (let time = 0; time < 2; time += 1) await assert.rejects(asked(call), ContainerNeeded);
      assert.deepEqual(results.keys(), [key]);
      assert.deepEqual(JSON.parse(Buffer.from(results.objects.get(key)!.bytes).toString()), message);
    });

  test('keeps the run from others while the job waits, and renews its lease as usual when there is an outcome', async () => {
    const bench = makeBench();
    assert.equal(await bench.worked(PART), true);
    assert.deepEqual(await bench.asked(PART), { part: 1 });
    assert.deepEqual(bench.leases, [JOB_SECONDS, JOB_SECONDS, 300]);
  });

  test('of an attempt that has lost its claim starts no job', async () => {
    const { results } = makeBench();
    const unasked = () => Promise.reject(new Error('not asked'));
    const renew = () => Promise.reject(new ClaimLost('lost'));
    const ask = makeAskContainer({
      ...results.ports,
      ledger: { renew, findBatch: unasked, openBatch: unasked },
      now: () => now,
      leaseSeconds: 300,
      hasContainers: true,
    });
    await assert.rejects(ask(PART, invocation, {}), ClaimLost);
    assert.deepEqual(results.keys(), []);
  });

  for (const [how, held, opens] of [
    ['nobody has', undefined, true],
    ['is announced', { attempt: 0 }, true],
    ['waits for its job', { attempt: 1, hasJob: true }, false],
    ['was opened without a job', { attempt: 1, hasJob: false }, true],
  ] as const)
    test(`${opens ? 'opens' : 'does not open once more'} a batch that ${how}, so that no other job gets its files`, async () => {
      const open = held && { batch, execution, executions: 1, lease: '', openedAt: '', ...held };
      const bench = makeBench({ findBatch: async () => open });
      await assert.rejects(bench.asked(BATCH), ContainerNeeded);
      assert.deepEqual(bench.opened, opens ? [[execution, JOB_SECONDS]] : []);
    });

  test('leaves out a batch that another execution has, and starts no job', async () => {
    const bench = makeBench({ isAnothers: true });
    assert.deepEqual(await bench.asked(BATCH), leftOut(2));
    assert.deepEqual(bench.results.keys(), []);
  });

  test('refuses the package where the stage has no jobs, and names the parameter', async () => {
    const { asked, results } = makeBench({ hasContainers: false });
    await assert.rejects(asked(PART), (error: Error) => {
      assert.ok(error instanceof InvalidModelPackage);
      assert.match(
        error.message,
        /^m\/1: its package asks for a job in a container .* its parameter batchImage is empty\./,
      );
      return true;
    });
    assert.deepEqual(results.keys(), []);
  });

  test('asks for none if all that it decodes was answered over HTTP', async () => {
    const results = makeTestResults();
    const line = (key: string) => `${JSON.stringify({ bucket: 'results', key, versionId: 'v', size: 1, etag: 'e' })}\n`;
    const lines = [line(ANSWERED), line('north/b')];
    results.put(batch.manifest, Buffer.from(lines.join('')));
    const of = (length: number): InferCall => ({ batch: { ...batch, length }, execution });
    const answeredRun = { ...run, scene: { ...scene, key: ANSWERED } };
    const ports = { readPiece: results.ports.readPiece };
    assert.equal(await isAnswered(ports, of(lines[0]!.length)), true);
    assert.equal(await isAnswered(ports, of(lines.join('').length)), false);
    assert.equal(await isAnswered(ports, { run: answeredRun, part: 0 }), true);
    assert.equal(await isAnswered(ports, { ...SHADOW, shadow: { ...shadow, run: answeredRun } }), true);
    assert.equal(await isAnswered(ports, PART), false);
  });

  test('never takes the outcome of a former attempt, even under the same key', async () => {
    const bench = makeBench();
    assert.equal(await bench.worked(PART), true);
    const next: InferCall = { run: { ...run, attempt: 2 }, part: 1 };
    await assert.rejects(bench.asked(next), ContainerNeeded);
    assert.equal(await bench.work(), true);
    assert.equal(bench.calls.length, 2 * PARTS, 'nor its progress');
    assert.deepEqual(await bench.asked(next), { part: 1 });
    await assert.rejects(bench.asked(PART), ContainerNeeded);
  });
});

describe('a job', () => {
  test('classifies all parts of its run, in their order', async () => {
    const bench = makeBench();
    await bench.worked(PART);
    assert.deepEqual(
      bench.calls,
      [0, 1, 2].map((part) => ({ run, part })),
    );
  });

  for (const [what, call, result] of [
    ['a batch', BATCH, done],
    ['a shadow', SHADOW, { left: 0 }],
  ] as [string, InferCall, object][])
    test(`makes the call of ${what}, whose result infer returns`, async () => {
      const bench = makeBench();
      await bench.worked(call);
      assert.deepEqual(bench.calls, [call]);
      assert.deepEqual(await bench.asked(call), result);
    });

  const ENDINGS: [what: string, error: Error, then: 'outcome' | 'again', calls: number][] = [
    ['a lost claim', new ClaimLost('another has it'), 'outcome', 1],
    ['a package that cannot work', new InvalidModelPackage('m: no'), 'outcome', 1],
    ['a bug', new TypeError('x is undefined'), 'outcome', 1],
    ['passing trouble, four times', new TransientTrouble('S3: slow down'), 'again', 4],
    ['a server that does not answer, four times', new EndpointUnavailable('503'), 'again', 4],
    ['an interruption', new Interrupted('stopped'), 'again', 1],
  ];
  for (const [what, error, then, calls] of ENDINGS)
    for (const call of [PART, BATCH, SHADOW])
      test(`of ${Object.keys(call)[0]} that ends with ${what} has ${then === 'again' ? 'no outcome, and is to be started again' : 'that error as its outcome, which infer throws'}`, async () => {
        const bench = makeBench({ infer: () => Promise.reject(error) });
        assert.equal(await bench.worked(call), then === 'outcome');
        assert.equal(bench.calls.length, call === BATCH && error.name === 'ClaimLost' ? 2 : calls);
        const { name, message } = error;
        await assert.rejects(bench.asked(call), then === 'outcome' ? { name, message } : ContainerNeeded);
      });

  test('that is started again goes on behind the parts that are done, and has one outcome', async () => {
    let isStopped = true;
    const bench = makeBench({
      infer: async (call) => {
        if (isStopped && (call as { part: number }).part === 2) throw new Interrupted('a Spot instance is taken back');
      },
    });
    assert.equal(await bench.worked(PART), false);
    isStopped = false;
    assert.equal(await bench.work(), true);
    assert.equal(await bench.work(), true);
    assert.deepEqual(
      bench.calls.map((call) => (call as { part: number }).part),
      [0, 1, 2, 2],
    );
  });

  test('that runs twice keeps its first outcome', async () => {
    let late = () => {};
    let isFirst = true;
    const bench = makeBench({
      infer: async () => {
        if (!isFirst) return done;
        isFirst = false;
        await new Promise<void>((resolve) => {
          late = resolve;
        });
        throw new TypeError('it woke up too late');
      },
    });
    const first = bench.worked(BATCH);
    while (isFirst) await new Promise(setImmediate);
    assert.equal(await bench.work(jobKey(execution, batch.id)), true);
    late();
    assert.equal(await first, true);
    assert.deepEqual(await bench.asked(BATCH), done);
  });

  const held = (more: Partial<OpenBatch> = {}): OpenBatch => {
    const lease = new Date(now.getTime() + 60_000).toISOString();
    return { batch, execution, attempt: 2, executions: 1, lease, openedAt: now.toISOString(), ...more };
  };

  for (const how of ['lost', 'left out'] as const)
    test(`whose batch the same job, run twice, has taken (${how}) waits for that one's outcome`, async () => {
      const bench = makeBench({
        infer: async () => {
          if (how === 'lost') throw new ClaimLost('the other process has it');
          return leftOut(2);
        },
        findBatch: async () => {
          if (bench.pauses.length === 2) {
            const other = makeBench();
            await other.worked(BATCH);
            for (const [key, { bytes }] of other.results.objects)
              if (key.includes('outcome')) bench.results.put(key, bytes);
          }
          return held();
        },
      });
      assert.equal(await bench.worked(BATCH), true);
      assert.deepEqual([bench.pauses.length, bench.calls.length], [3, 1]);
      assert.deepEqual(await bench.asked(BATCH), done);
    });

  test('whose batch such a process has taken and died with takes it back once its lease is over', async () => {
    let calls = 0;
    const bench = makeBench({
      infer: async () => {
        calls += 1;
        if (calls === 1) throw new ClaimLost('the other process has it');
        return done;
      },
      findBatch: async () => held(bench.pauses.length < 2 ? {} : { lease: new Date(now.getTime() - 1).toISOString() }),
    });
    assert.equal(await bench.worked(BATCH), true);
    assert.deepEqual([calls, await bench.asked(BATCH)], [2, done]);
  });

  test('whose batch another execution has ends as that says', async () => {
    const bench = makeBench({ infer: async () => leftOut(2), findBatch: async () => held({ execution: 'another' }) });
    await bench.worked(BATCH);
    assert.deepEqual(await bench.asked(BATCH), leftOut(2));
  });

  test('without a message fails, and says which is missing', async () => {
    await assert.rejects(makeBench().work('jobs/x/y.json'), { name: 'ObjectNotFound', message: /jobs\/x\/y\.json/ });
  });
});
