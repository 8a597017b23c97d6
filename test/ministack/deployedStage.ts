import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readFrom } from '../../aws/bucket.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { openDeployed } from '../deployed.ts';
import { credentials, type Deployment, environmentOf, makeDeployment, region } from '../deployment.ts';
import { reasonToSkip as reasonWithoutWarehouse } from '../redshift/reasonToSkip.ts';
import { sceneOf } from '../scenes.ts';
import { connectStage } from '../stage.ts';
import { arrivals } from '../suite/arrivals.ts';
import { arrivalsTwice } from '../suite/arrivalsTwice.ts';
import { inboxTellsQueue } from '../suite/inboxTellsQueue.ts';
import { online, PAGE } from '../suite/online.ts';
import { type Requested, requests } from '../suite/requests.ts';
import { makeSubject } from '../suite/subject.ts';
import { WHOLE } from '../suite.ts';
import { swath } from '../swath.ts';
import { candidates } from './candidates.ts';
import { sees } from './differences.ts';
import { feedByTopic, topicAndArchive } from './feedByTopic.ts';
import { type Ministack, reasonToSkip, startMinistack } from './ministack.ts';
import { type ModelRegistry, startModelRegistry } from './modelRegistry.ts';
import { sqlTables } from './sqlTables.ts';
import { resultsInWarehouse, startWarehouse, type Warehouse } from './warehouse.ts';

/**
 * `npm run test:ministack`: the real serverless.yml, deployed by `sls deploy` to ministack, a second stand-in for AWS that needs no
 * Docker. It holds every function to the rights of its role, and has Glue and Athena, all of which LocalStack leaves out. Where there is
 * PostgreSQL, a stub of Redshift's Data API stands beside it.
 */

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const STAGE = 'test';
const PARAMETERS = { alarmEmail: 'none' };
/** See `windowsNotWaited` among the differences: no test waits for so long. */
const WINDOW_SECONDS = 60;
/** Given by the second deployment. */
const BY_QUEUES = {
  ...PARAMETERS,
  requests: 'true',
  arrivalsWindowSeconds: WINDOW_SECONDS,
  api: 'true',
  apiCorsOrigins: PAGE,
  feedSchedule: 'rate(1 day)',
  feedTopicCollections: 'sentinel-2-l2a',
};
const WAREHOUSE = { redshift: 'workgroup:analytics' };
const TRAITS = { spell: (name: string) => name, metricSeconds: 1, ruleSeconds: 0.5, pollSeconds: 0.2 };

const reason = reasonToSkip(['ministack', 'duckdb']);
const skip = reason !== false && `the service was not deployed to ministack, because ${reason}`;
const reasonOfWarehouse = !skip && reasonWithoutWarehouse();
const skipWarehouse = reasonOfWarehouse && `no results were loaded into a warehouse, because ${reasonOfWarehouse}`;
for (const why of [skip, skipWarehouse]) if (why) console.error(`SKIPPED: ${why}.`);

describe('a stage on ministack', { skip, timeout: 30 * 60_000 }, () => {
  let ministack: Ministack | undefined;
  let deployment: Deployment;
  let warehouse: Warehouse | undefined;
  let registry: ModelRegistry | undefined;
  let here: Requested & { warehouse: Warehouse; registry: ModelRegistry; environment: Record<string, string> };
  let topic = '';
  let waited = Number.NaN;
  const at = () => here;

  before(async () => {
    const began = performance.now();
    const tell = (what: string) => console.log(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    if (!skipWarehouse)
      warehouse = await startWarehouse((bucket, key) => readFrom(bucket, here.stage.s3)(key).catch(nullIfNotFound));
    ministack = await startMinistack({ isStrict: true, environment: warehouse?.environment ?? {} });
    tell('ministack is up');
    const { endpoint, environment } = ministack;
    const account = { region, credentials, endpoint };
    registry = await startModelRegistry(account);
    deployment = await makeDeployment(endpoint, { environment, always: registry.parameters });
    await deployment.deploy(STAGE, PARAMETERS);
    tell('The stage is deployed');
    const stage = await connectStage(STAGE, account);
    const subject = await makeSubject(await openDeployed(stage, TRAITS));
    const env = { ...environmentOf(endpoint), ...environment, ...warehouse?.environment };
    await subject.stack.sweep(); // and the one that the deployment has begun is over
    const call = (...args: string[]) => swath(args, PROJECT, env);
    here = { stage, subject, swath: call, warehouse: warehouse!, registry, environment: env };
  });
  after(async () => {
    here?.stage.close();
    await registry?.close();
    await ministack?.stop();
    await warehouse?.stop();
  });

  test('who has no right is refused', async () => {
    const { account, output } = here.stage;
    const s3 = new S3Client({ ...account, credentials: { accessKeyId: 'nobody', secretAccessKey: 'knows' } });
    const put = new PutObjectCommand({ Bucket: output('ModelsBucket'), Key: 'by-nobody', Body: new Uint8Array() });
    await assert.rejects(s3.send(put), { name: 'InvalidAccessKeyId' });
    s3.destroy();
  });

  describe('the whole pipeline', () => {
    for (const tests of WHOLE) tests(() => here.subject);
  });
  candidates(at);

  test('a file that arrives gets its own execution', async () => {
    const { run, unique } = here.subject;
    const row = await run('before', sceneOf(unique('before'), 3));
    assert.deepEqual([row.state, row.chips, row.batch], ['DONE', 3, undefined]);
  });

  test('a deployment with other parameters has the live stage gather what arrives, take requests and follow feeds', async () => {
    const theirs = await topicAndArchive(here.stage.account);
    topic = theirs.feedTopics;
    await deployment.deploy(STAGE, { ...BY_QUEUES, ...theirs, ...(warehouse && WAREHOUSE) });
    await here.stage.readOutputs();
    const { run, unique, stack } = here.subject;
    await stack.sweep(); // and the one that the deployment has begun is over, which may take a file up before its event
    const began = Date.now();
    const row = await run('since', sceneOf(unique('since'), 3, 3));
    assert.deepEqual([row.state, row.chips, row.batch === undefined], ['DONE', 3, false]);
    waited = Date.parse(row.claimedAt) - began;
  });

  test(sees('windowsNotWaited'), () => assert.ok(waited < WINDOW_SECONDS * 1000, `${waited} ms`));

  requests(at);
  inboxTellsQueue(at);
  feedByTopic(at, () => topic);
  online(at);
  arrivalsTwice(at);
  describe('where a queue gathers what arrives', () => arrivals(() => here.subject));
  resultsInWarehouse(at, skipWarehouse);
  sqlTables(at);
});
