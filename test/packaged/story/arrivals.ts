import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  type BatchRef,
  executionName,
  runId,
  type SceneRef,
  sceneInput,
  UNASSIGNED,
} from '../../../core/base/messages.ts';
import { notificationOf } from '../../../core/doors/notifications/notification.ts';
import { encodeGeoTiff } from '../../geoTiff.ts';
import { sceneOf } from '../../scenes.ts';
import { type Fake, failure as thrown } from '../../stateMachine/runPipeline.ts';
import { SAMPLE } from './files.ts';
import { MODEL, type Service } from './service.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-arrivals';

const dead: Fake = () => {
  throw thrown('Runtime.ExitError');
};

/** Files whose events a queue gathers. */
export function tellOfArrivals(service: () => Service): void {
  /** Hands the function collect messages, by their ids; answers those that are to come again, and what it has started. */
  async function collect(bodies: Record<string, string>) {
    const { aws, callFunction } = service();
    const before = new Set(aws.started.keys());
    const Records = Object.entries(bodies).map(([messageId, body]) => ({ messageId, body, eventSourceARN: QUEUE }));
    const { batchItemFailures } = (await callFunction('collect', { Records })) as {
      batchItemFailures: { itemIdentifier: string }[];
    };
    const started = [...aws.started].filter(([name]) => !before.has(name));
    return { again: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), started };
  }

  const messageOf = (scene: SceneRef) => JSON.stringify(notificationOf(scene));
  const stateOf = async (scene: SceneRef) => (await service().ledger.get(scene, MODEL))?.state;

  /** Files that are gathered, and the one execution that is started for them. */
  async function gather(scenes: readonly SceneRef[]) {
    const bodies = Object.fromEntries(scenes.map((scene) => [scene.key, messageOf(scene)]));
    const { again, started } = await collect(bodies);
    assert.deepEqual([again, started.length], [[], 1]);
    const [[name, input]] = started as [[string, { source: string; batch: BatchRef }]];
    assert.equal(name, executionName(input.batch.id, 1));
    return { name, input };
  }

  it('small files that arrive are one execution, named by their batch, and an unknown message is retried', async () => {
    const { drop, layBeside, run } = service();
    const bands = Array.from({ length: 11 }, (_, band) => new Uint8Array(65 * 65).fill((band + 1) % 2));
    layBeside('arrivals/map.wld', '30\n0\n0\n-30\n400015\n299985\n');
    const scenes = [
      drop('arrivals/one', sceneOf('arrivals/one', 1)),
      drop('arrivals/two', sceneOf('arrivals/two', 2, 5)),
      drop('arrivals/broken', SAMPLE.subarray(0, 100)),
      drop('arrivals/map.tif', encodeGeoTiff({ width: 65, height: 65, bands })),
    ];
    const bodies = Object.fromEntries(scenes.map((scene) => [scene.key, messageOf(scene)]));
    const twice = JSON.stringify(sceneInput(scenes[0]!)); // by EventBridge as well
    const { again, started } = await collect({ ...bodies, twice, odd: 'no event' });
    assert.deepEqual([again, started.length], [['odd'], 1]);
    const [[name, input]] = started as [[string, unknown]];
    const { end, failure } = await run(input, name);
    assert.deepEqual([end, failure], ['Watch arrivals', null]);
    assert.deepEqual(await Promise.all(scenes.map(stateOf)), ['DONE', 'DONE', 'INVALID', 'EMPTY']);

    const { aws } = service();
    aws.taken.add(name);
    assert.deepEqual((await collect(bodies)).again, [], 'messages that come once more are done with');
    aws.taken.delete(name);
  });

  it('a file that is larger than a part gets its own execution', async () => {
    const large = service().drop('arrivals/large', new Uint8Array(25_000_000));
    const { started } = await collect({ large: messageOf(large) });
    const names = started.map(([name]) => name);
    assert.deepEqual(names, [executionName(runId(large, UNASSIGNED), 1)]);
  });

  it('a batch of theirs whose worker dies has its files failed', async () => {
    const { drop, run } = service();
    const scene = drop('arrivals/dies', sceneOf('arrivals/dies', 1));
    const { name, input } = await gather([scene]);
    const { end } = await run(input, name, { infer: dead });
    assert.deepEqual([end, await stateOf(scene)], ['Watch arrivals', 'FAILED']);
  });

  it('a batch of theirs that another execution takes over is its own', async () => {
    const { drop, ledger, run, when } = service();
    const scene = drop('arrivals/taken', sceneOf('arrivals/taken', 1));
    const { name, input } = await gather([scene]);
    when({ who: 'infer', action: 's3:GetObjectVersion' }, async () => {
      const [open] = await ledger.openBatches();
      await ledger.loseBatch(open!, new Date());
      assert.ok(await ledger.openBatch(open!.batch, 'another', () => new Date(), 60));
    });
    const { end, failure } = await run(input, name);
    assert.deepEqual([end, failure], ['Nothing to do', null]);
    const [open] = await ledger.openBatches();
    await ledger.closeBatch(open!);
  });

  it('a batch of theirs that cannot be settled, or not be watched, fails', async () => {
    const { drop, ledger, run, without } = service();
    const lost = await gather([drop('arrivals/lost', sceneOf('arrivals/lost', 1))]);
    const { end } = await without('infer', 'dynamodb:BatchGetItem', () =>
      without('settle', 'dynamodb:BatchGetItem', () => run(lost.input, lost.name)),
    );
    assert.equal(end, 'Not settled');
    const [open] = await ledger.openBatches();
    await ledger.closeBatch(open!);

    const unwatched = await gather([drop('arrivals/unwatched', sceneOf('arrivals/unwatched', 1))]);
    const { failure } = await without('drift', 'dynamodb:BatchGetItem', () => run(unwatched.input, unwatched.name));
    assert.match(failure?.cause ?? '', /^Watch arrivals: /);
  });
}
