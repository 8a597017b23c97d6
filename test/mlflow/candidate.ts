import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publishModel } from '../../cli/publishModel.ts';
import { tryModel } from '../../cli/tryModel.ts';
import { lookAt } from '../../cli/watchModel.ts';
import { compareRuns } from '../../core/comparison/compareRuns.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/days.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { parseWatched } from '../../core/models/origins/origin.ts';
import { readPromotions } from '../../core/models/promotionHistory.ts';
import { makePromotions } from '../../core/models/promotions.ts';
import { embeddedService } from '../../local/embeddedService.ts';
import { folderBucket } from '../../local/folderBucket.ts';
import { type OwnStack, startStack } from '../../local/stack.ts';
import { BASELINE } from '../benches/packages.ts';
import { sceneOf } from '../scenes.ts';
import { reasonToSkip, startMlflow } from './mlflowServer.ts';

/**
 * The life of candidates on the embedded stack, day by day: a registry has them, each shadows the live version for a week, and the stage's
 * gate refuses the one that is worse and promotes the one that is better.
 */

const reason = reasonToSkip();
const skip = reason !== false && `no candidate was followed from a real MLflow server, because ${reason}`;
if (skip) console.error(`SKIPPED: ${skip}.`);

const NAME = 'droughtwatch-baseline';
const CHAMPION = 'mlflow:drought@champion';
/** What a chip's values are divided by; the network was trained with 255. */
const SCALES = { '1.0.0': 170, '1.1.0': 60, '1.2.0': 255 } as const;
type Version = keyof typeof SCALES;

describe('a candidate of a real MLflow server', { skip, timeout: 5 * 60_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-candidate-'));
  let server: Awaited<ReturnType<typeof startMlflow>>;
  let stack: OwnStack;
  let files = 0;

  function packageOf(version: Version): string {
    const folder = join(home, version);
    cpSync(fileURLToPath(BASELINE), folder, {
      recursive: true,
      filter: (file) => !file.endsWith('sample.json'), // of another scale, it would be another answer
    });
    const item = readFileSync(join(folder, 'item.json'), 'utf8')
      .replace('"version": "1.0.0"', `"version": "${version}"`)
      .replaceAll('"value": 255', `"value": ${SCALES[version]}`);
    writeFileSync(join(folder, 'item.json'), item);
    return folder;
  }

  /** A day: a file of chips whose labels are known, and the sweep, with which the registry is looked at. */
  async function day(): Promise<LedgerRow> {
    stack.clock.set(new Date(stack.now().getTime() + DAY_MILLISECONDS));
    const file = join(home, 'file');
    writeFileSync(file, sceneOf(`of ${dayOf(stack.now())}`, 81));
    files += 1;
    const scene = await stack.put(file, `scene-${files}`);
    await stack.deliver(scene);
    await stack.sweep();
    await stack.idle();
    return (await stack.ledger.ofScene(scene))[0]!;
  }

  async function days(count: number): Promise<LedgerRow[]> {
    const rows: LedgerRow[] = [];
    for (let i = 0; i < count; i += 1) rows.push(await day());
    return rows;
  }

  const service = () => embeddedService(stack);
  const live = async () => (await service().models.promotion())?.version;
  const shadow = async () => (await service().models.shadow())?.version;
  /** Of all that people are told, what is about versions. */
  const told = async () =>
    (await stack.readOutbox()).flatMap(
      ({ subject }) => / (A candidate: .*|Promoted: .*|The gate .*)$/.exec(subject)?.[1] ?? [],
    );
  const compared = async (first: Version, second: Version) => {
    const load = (version: Version) => service().models.load({ name: NAME, version });
    return compareRuns(service(), { first: await load(first), second: await load(second), since: new Date(0) });
  };

  before(async () => {
    server = await startMlflow();
    process.env['MLFLOW_TRACKING_URI'] = server.url;
    stack = await startStack({
      dataDir: join(home, 'data'),
      command: 'a test',
      parameters: { promotionGate: 'max_accuracy_drop=0.05,min_chips=300' },
      watchRegistry: (ports) => lookAt(parseWatched(CHAMPION), { ...ports, stage: null }, {}),
      onTrouble: (...trouble) => assert.fail(String(trouble)),
    });
    stack.clock.set(new Date('2026-03-02T08:00:00Z'));
    const bucket = folderBucket(stack.folder.models);
    await publishModel(bucket, packageOf('1.0.0'));
    await makePromotions(bucket, NAME, tryModel).promote('1.0.0', stack.now(), { by: 'a person' });
    await server.register(packageOf('1.0.0'), 'drought', 'champion');
    await day();
  });
  after(async () => {
    await stack?.close();
    await server?.stop();
    server?.remove();
    rmSync(home, { recursive: true });
  });

  test('shadows the live version for a week, and is refused where it is worse', async () => {
    await server.registerByRest(packageOf('1.1.0'), 'drought', 'champion');
    await day();
    assert.deepEqual([await live(), await shadow()], ['1.0.0', '1.1.0']);
    assert.deepEqual(await told(), [`A candidate: ${NAME} 1.1.0`]);
    await days(6);
    assert.deepEqual([await live(), await shadow()], ['1.0.0', '1.1.0']);
    const { chips, rightByOne } = await compared('1.0.0', '1.1.0');
    assert.equal(chips, 6 * 79, 'of each day but the first, without the blank chips');
    assert.ok(rightByOne!.first > rightByOne!.second);
    const row = await day();
    assert.equal(row.model.version, '1.0.0');
    assert.deepEqual([await live(), await shadow()], ['1.0.0', undefined]);
    assert.deepEqual((await told()).sort(), [`A candidate: ${NAME} 1.1.0`, `The gate has not let ${NAME} 1.1.0 pass`]);
  });

  test('is promoted where it is better, and classifies from then on', async () => {
    await server.registerByRest(packageOf('1.2.0'), 'drought', 'champion');
    const rows = await days(9);
    assert.deepEqual(
      rows.map(({ model }) => model.version),
      [...Array.from({ length: 8 }, () => '1.0.0'), '1.2.0'],
    );
    assert.deepEqual([await live(), await shadow()], ['1.2.0', undefined]);
    const { rightByOne } = await compared('1.0.0', '1.2.0');
    assert.ok(rightByOne!.second > rightByOne!.first);
  });

  test('is gone back from, and the history of promotions tells it all', async () => {
    await makePromotions(folderBucket(stack.folder.models), NAME, tryModel).rollback(stack.now(), { by: 'a person' });
    assert.equal((await day()).model.version, '1.0.0');
    const history = await readPromotions(service().modelBucket, NAME, 9);
    assert.deepEqual(
      history.map((record) => [
        record.version,
        'isRefused' in record ? 'refused' : record.isRollback ? 'rollback' : 'promotion',
        record.by,
      ]),
      [
        ['1.0.0', 'rollback', 'a person'],
        ['1.2.0', 'promotion', CHAMPION],
        ['1.1.0', 'refused', CHAMPION],
        ['1.0.0', 'promotion', 'a person'],
      ],
    );
    const [, promoted, refused] = history;
    assert.match(promoted!.reason!, /^It has shadowed 1\.0\.0 since 2026-03-1\d/);
    assert.match((refused as { refusals: string[] }).refusals[0]!, /^Accuracy: of \d+ chips whose truth is known/);
    assert.deepEqual((await told()).sort(), [
      ...[`A candidate: ${NAME} 1.1.0`, `A candidate: ${NAME} 1.2.0`],
      ...[`Promoted: ${NAME} 1.2.0`, `The gate has not let ${NAME} 1.1.0 pass`],
    ]);
  });
});
