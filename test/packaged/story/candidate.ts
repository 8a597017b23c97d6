import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe } from 'node:test';
import { ObjectNotFound } from '../../../core/base/errors.ts';
import { promotedKey, shadowKey, truthKey } from '../../../core/base/keys.ts';
import { sceneInput } from '../../../core/base/messages.ts';
import { DAY_MILLISECONDS } from '../../../core/base/time/days.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { compareRuns } from '../../../core/releases/comparison/compareRuns.ts';
import { SHADOWED_DAYS } from '../../../core/releases/comparison/followCandidate.ts';
import { makeModels } from '../../../core/releases/models.ts';
import { readPromotions } from '../../../core/releases/promotionHistory.ts';
import { makePromotions } from '../../../core/releases/promotions.ts';
import { connectLocalTables } from '../../../local/tables/tableClients.ts';
import { candidateLife, type Life } from '../../candidates/life.ts';
import { NAME, writePackages } from '../../candidates/packages.ts';
import { sceneOf } from '../../scenes.ts';
import { temporaryFolder } from '../../swath.ts';
import { functionIn } from '../functions.ts';
import type { Packaged } from '../package.ts';
import { WITH_ALL } from '../package.ts';
import type { Service } from './service.ts';

const VERSIONS = { live: '7.1.0', worse: '7.2.0', better: '7.3.0' };
/** One file has chips enough for this gate, which comes beside that of the stage. */
const GATE = { max_accuracy_drop: 0.05, min_chips: 300 };
const CHIPS = 5 * 81;

/** What becomes of the candidates that a registry has. */
export function tellOfCandidate(packaged: Packaged, service: () => Service): void {
  describe('a candidate of a registry', () => {
    const folders = writePackages(temporaryFolder(), VERSIONS, GATE);
    let life: Life;
    let files = 0;

    /** A file by the live version, and where it has a shadow, by that as well. */
    async function another(): Promise<LedgerRow> {
      const { aws, drop, ledger, run } = service();
      files += 1;
      const key = `candidates/${files}`;
      const scene = drop(key, sceneOf(key, CHIPS));
      assert.equal((await run(sceneInput(scene), key)).end, 'Done');
      if ((await life.shadow()) !== undefined) {
        const [name, input] = [...aws.started].at(-1)!;
        aws.started.delete(name);
        assert.equal((await run(input, name)).end, 'Shadowed');
      }
      return (await ledger.ofScene(scene))[0]!;
    }

    async function look(version: string, outcome: string): Promise<void> {
      const answer = await service().callFunction('watch', { source: 'aws.events', detail: {} });
      assert.deepEqual(answer, { outcome, candidate: { name: NAME, version } });
    }

    before(async () => {
      const { aws, ledger, models: bucket, put, registry, resultKeys, results } = service();
      const readFrom = (of: string) => async (key: string) =>
        aws.objects.get(of)!.get(key)?.bytes ?? Promise.reject(new ObjectNotFound(`${key} does not exist.`));
      const modelBucket = {
        read: readFrom(bucket),
        write: async (key: string, bytes: Uint8Array) => put(bucket, key, bytes),
        list: async (prefix: string) => [...aws.objects.get(bucket)!.keys()].filter((key) => key.startsWith(prefix)),
        readVersion: async (key: string) => {
          const bytes = aws.objects.get(bucket)!.get(key)?.bytes;
          return bytes === undefined ? null : { bytes, version: '' };
        },
        replaceVersion: async (key: string, bytes: Uint8Array) => {
          put(bucket, key, bytes);
          return '';
        },
      };
      const models = makeModels(modelBucket.read, NAME);
      const promotions = makePromotions(modelBucket, NAME, async () => {});
      const filesOf = (version: string) => {
        const [part] = Object.entries(VERSIONS).find(([, one]) => one === version)!;
        const folder = folders[part as 'live'];
        return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
      };
      for (const [file, bytes] of filesOf(VERSIONS.live)) put(bucket, `${NAME}/${VERSIONS.live}/${file}`, bytes);
      aws.objects.get(bucket)!.delete(promotedKey(NAME));
      await promotions.promote(VERSIONS.live, new Date(), { by: 'a person' });
      const toldBefore = aws.told.length;
      const { METRICS_TABLE: name = '' } = functionIn(packaged.template, 'drift').Environment.Variables;
      life = {
        versions: VERSIONS,
        by: WITH_ALL.modelWatch,
        reason: /^It has shadowed the live version since 20/,
        arrives: async (version) => {
          registry.register('drought', version.replaceAll('.', ''), { files: filesOf(version) });
          await look(version, 'candidate');
        },
        week: async () => {
          const row = await another();
          const truths = [{ scene: row.scene.key, sceneVersion: row.scene.versionId, index: 0, truth: 'cows-0' }];
          const body = JSON.stringify({ truth: { model: NAME, at: new Date().toISOString(), truths } });
          const eventSourceARN = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-counts';
          const collected = await service().callFunction('collect', {
            Records: [{ messageId: 'm', body, eventSourceARN }],
          });
          assert.deepEqual(collected, { batchItemFailures: [] });
          assert.ok((await ledger.ofScene(row.scene))[0]!.told, 'the gate reads late truths');
          const shadow = (await models.shadow())!;
          const { run: id, model, day = '' } = row;
          if (shadow.version === VERSIONS.better) service().remove(results, truthKey({ id, model, day })); // as if it had expired
          await look(shadow.version, 'unchanged'); // it is not over yet
          const since = new Date(Date.parse(shadow.since) - SHADOWED_DAYS * DAY_MILLISECONDS).toISOString();
          put(bucket, shadowKey(NAME), Buffer.from(JSON.stringify({ shadow: { ...shadow, since } })));
          return [row];
        },
        decides: (version, to) => look(version, to === 'promoted' ? 'promoted' : 'held'),
        goesBack: async () => void (await promotions.rollback(new Date(), { by: 'a person' })),
        another,
        live: async () => (await models.promotion())?.version,
        shadow: async () => (await models.shadow())?.version,
        compared: async (first, second) => {
          const load = (version: string) => models.load({ name: NAME, version });
          const ports = { ledger, readResult: readFrom(results), openResult: null };
          return compareRuns(ports, { first: await load(first), second: await load(second), since: new Date(0) });
        },
        history: () => readPromotions(modelBucket, NAME, 9),
        told: async () => aws.told.slice(toldBefore).map(({ subject }) => subject.replace('Swath dev: ', '')),
        ledger,
        listResults: async (prefix) => resultKeys().filter((key) => key.startsWith(prefix)),
        metrics: { table: connectLocalTables(aws.tables), name },
      };
    });

    candidateLife(() => life);
  });
}
