import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDeployed } from '../deployed.ts';
import { credentials, environmentOf, makeDeployment, region } from '../deployment.ts';
import { connectStage } from '../stage.ts';
import { arrivals } from '../suite/arrivals.ts';
import { arrivalsTwice } from '../suite/arrivalsTwice.ts';
import { inboxTellsQueue } from '../suite/inboxTellsQueue.ts';
import { online, PAGE } from '../suite/online.ts';
import { requests } from '../suite/requests.ts';
import { makeSubject } from '../suite/subject.ts';
import { pipelineSuite, suiteOf } from '../suite.ts';
import { swath } from '../swath.ts';
import { bulkFiles } from './bulkFiles.ts';
import { candidates } from './candidates.ts';
import { commandLine } from './commandLine.ts';
import { definition } from './definition.ts';
import { sees } from './differences.ts';
import { differencesSeen } from './differencesSeen.ts';
import { driftAlarm } from './driftAlarm.ts';
import { findEngine, reasonToSkip } from './engine.ts';
import { existingInbox } from './existingInbox.ts';
import { type Here, localStackTraits, NO_SQL } from './here.ts';
import { inventory } from './inventory.ts';
import { type LocalStack, startLocalStack } from './localStack.ts';
import { functionDies, functionRunsOutOfTime } from './lostFunctions.ts';
import { messagesSeen } from './messagesSeen.ts';
import { type ModelRegistry, startModelRegistry } from './modelRegistry.ts';
import { plainObject } from './plainObject.ts';
import { promotion } from './promotion.ts';
import { redeployment } from './redeployment.ts';
import { removal } from './removal.ts';
import { schedule } from './schedule.ts';

/** `npm run test:localstack`: the real serverless.yml, deployed to LocalStack by `sls deploy`, and used from outside. */

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const STAGE = 'test';
const PARAMETERS = { alarmEmail: 'alarms@example.org' };
/** Given by the second deployment. */
const CHANGED = { ...PARAMETERS, driftThreshold: 0.26 };
/** By the last one, which takes up what the stage had kept. */
const BY_QUEUES = { ...CHANGED, requests: 'true', arrivalsWindowSeconds: 2, api: 'true', apiCorsOrigins: PAGE };

const engine = await findEngine().catch(reasonToSkip);
const skip = typeof engine === 'string' && engine;
if (skip) console.error(`SKIPPED: ${skip}`);
else
  console.log(
    'NOT TESTED here: tables for SQL, as LocalStack has neither Glue nor Athena. npm run test:ministack tests them.',
  );

describe('a stage on LocalStack', { skip }, () => {
  let localStack: LocalStack | undefined;
  let registry: ModelRegistry | undefined;
  let here: Here;
  const at = () => here;

  before(async () => {
    if (typeof engine === 'string') return;
    const began = performance.now();
    const tell = (what: string) => console.log(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    localStack = await startLocalStack(engine);
    tell('LocalStack is up');
    const account = { region, credentials, endpoint: localStack.endpoint };
    const { endpoint } = localStack;
    registry = await startModelRegistry(localStack, account);
    const before = await inventory(account);
    const deployment = await makeDeployment(endpoint, { always: { ...NO_SQL, ...registry.parameters } });
    await deployment.deploy(STAGE, PARAMETERS);
    tell('The stage is deployed');
    const stage = await connectStage(STAGE, account);
    const subject = await makeSubject(await openDeployed(stage, localStackTraits));
    const call = (...args: string[]) => swath(args, PROJECT, environmentOf(endpoint));
    here = { localStack, registry, deployment, stage, subject, before, swath: call };
  });
  after(async () => {
    here?.stage.close();
    await registry?.close();
    await localStack?.stop();
  });

  // What takes a minute to show is begun early, and looked at later.
  const alarm = driftAlarm(at);
  const lake = existingInbox(at);
  const daily = schedule(lake.at);
  const removed = removal(at, BY_QUEUES);

  plainObject(at);
  alarm.goesOff();
  definition(at);
  promotion(at);
  lake.begins();
  redeployment(at, PARAMETERS, CHANGED);
  functionDies(at);
  lake.comesUp();
  functionRunsOutOfTime(lake.at, lake.inferTimeout);
  alarm.tells();
  bulkFiles(at);
  daily.isHurried(); // until it sweeps, nothing may promote another version there, which the file that waits would get
  pipelineSuite('LocalStack', () => openDeployed(here.stage, localStackTraits));
  commandLine(at);
  candidates(at);
  differencesSeen(at);
  daily.sweeps();
  lake.goesAgain();
  removed.isNoLoss();
  requests(at);
  online(at, { isThrottled: false, ownWords: sees('gatewayInOwnWords') });
  messagesSeen(at);
  inboxTellsQueue(at);
  arrivalsTwice(at);
  suiteOf('LocalStack, where a queue gathers what arrives', () => openDeployed(here.stage, localStackTraits), [
    arrivals,
  ]);
  removed.throwsAway();
});
