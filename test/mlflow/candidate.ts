import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import { lookAt } from '../../cli/models/watchModel.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { compareRuns } from '../../core/releases/comparison/compareRuns.ts';
import { parseWatched } from '../../core/releases/origins/origin.ts';
import { readPromotions } from '../../core/releases/promotionHistory.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import { type OwnStack, startStack } from '../../local/stack/stack.ts';
import { METRICS_TABLE } from '../../local/tables/tables.ts';
import { candidateLife, type Life } from '../candidates/life.ts';
import { NAME, writePackages } from '../candidates/packages.ts';
import { sceneOf } from '../scenes.ts';
import { reasonToSkip, startMlflow } from './mlflowServer.ts';

/**
 * The life of candidates on the embedded stack, day by day: a registry has them, each shadows the live version for a week, and the stage's
 * gate refuses the one that is worse and promotes the one that is better.
 */

const reason = reasonToSkip();
const skip = reason !== false && `no candidate was followed from a real MLflow server, because ${reason}`;
if (skip) console.error(`SKIPPED: ${skip}.`);

const GATE = 'max_accuracy_drop=0.05,min_chips=300';
const CHAMPION = 'mlflow:drought@champion';
const VERSIONS = { live: '1.0.0', worse: '1.1.0', better: '1.2.0' };

describe('a candidate of a real MLflow server', { skip, timeout: 5 * 60_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-candidate-'));
  const packages = writePackages(home, VERSIONS);
  const folders = new Map(Object.entries(VERSIONS).map(([part, version]) => [version, packages[part as 'live']]));
  let server: Awaited<ReturnType<typeof startMlflow>>;
  let stack: OwnStack;
  let life: Life;
  let files = 0;

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

  /** The days of a shadow but the last, with whose sweep the gate is asked. */
  async function week(): Promise<LedgerRow[]> {
    const rows: LedgerRow[] = [];
    for (let i = 0; i < 6; i += 1) rows.push(await day());
    return rows;
  }

  before(async () => {
    server = await startMlflow();
    process.env['MLFLOW_TRACKING_URI'] = server.url;
    stack = await startStack({
      dataDir: join(home, 'data'),
      command: 'a test',
      parameters: { promotionGate: GATE },
      watchRegistry: (tell) => {
        const ports = { ...embeddedService(stack), promotionGate: GATE, tell };
        return lookAt(parseWatched(CHAMPION), ports, {});
      },
      onError: (...trouble) => assert.fail(String(trouble)),
    });
    stack.clock.set(new Date('2026-03-02T08:00:00Z'));
    const bucket = folderBucket(stack.folder.models);
    const promotions = makePromotions(bucket, NAME, tryModel);
    await publishModel(bucket, packages.live);
    await promotions.promote(VERSIONS.live, stack.now(), { by: 'a person' });
    await server.registerByRest(packages.live, 'drought', 'champion');
    await day();
    const service = embeddedService(stack);
    life = {
      versions: VERSIONS,
      by: CHAMPION,
      reason: /^It has shadowed the live version since 2026-03-1\d/,
      arrives: async (version) => {
        await server.registerByRest(folders.get(version)!, 'drought', 'champion');
        await day();
      },
      week,
      decides: async () => {
        assert.equal((await day()).model.version, VERSIONS.live, 'its sweep comes behind the file of the day');
      },
      goesBack: async () => void (await promotions.rollback(stack.now(), { by: 'a person' })),
      another: day,
      live: async () => (await service.models.promotion())?.version,
      shadow: async () => (await service.models.shadow())?.version,
      compared: async (first, second) => {
        const load = (version: string) => service.models.load({ name: NAME, version });
        return compareRuns(service, { first: await load(first), second: await load(second), since: new Date(0) });
      },
      history: () => readPromotions(service.modelBucket, NAME, 9),
      told: async () =>
        (await stack.readOutbox()).flatMap(
          ({ subject }) => / (A candidate: .*|Promoted: .*|The gate .*)$/.exec(subject)?.[1] ?? [],
        ),
      ledger: stack.ledger,
      listResults: service.listResults,
      metrics: { table: stack.tables, name: METRICS_TABLE },
    };
  });
  after(async () => {
    await stack?.close();
    await server?.stop();
    server?.remove();
    rmSync(home, { recursive: true });
  });

  candidateLife(() => life);

  test('there is nothing else in the history', async () => assert.equal((await life.history()).length, 4));
});
