import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { openDeployed } from '../deployed.ts';
import { credentials, environmentOf, makeDeployment, region } from '../deployment.ts';
import { connectStage } from '../stage.ts';
import { makeSubject } from '../suite/subject.ts';
import { swath } from '../swath.ts';
import { bulkFiles } from './bulkFiles.ts';
import { commandLine } from './commandLine.ts';
import { differencesSeen } from './differencesSeen.ts';
import { driftAlarm } from './driftAlarm.ts';
import { findEngine, reasonToSkip } from './engine.ts';
import { existingInbox } from './existingInbox.ts';
import { type Here, localStackTraits, NO_SQL } from './here.ts';
import { inventory } from './inventory.ts';
import { type LocalStack, startLocalStack } from './localStack.ts';
import { functionDies, functionRunsOutOfTime } from './lostFunctions.ts';
import { plainObject } from './plainObject.ts';
import { promotion } from './promotion.ts';
import { redeployment } from './redeployment.ts';
import { removal } from './removal.ts';
import { schedule } from './schedule.ts';

/**
 * `npm run test:localstack`: the real serverless.yml, deployed by `sls deploy` to LocalStack: a stage from its first deployment to its
 * removal, and the ways that lead into it. The whole pipeline runs on ministack, which is quicker, and holds functions to their rights.
 * Where there is no LocalStack to be had, the suite is skipped, and says so.
 */

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const STAGE = 'test';
const PARAMETERS = { alarmEmail: 'alarms@example.org' };
/** Given by the second deployment. */
const CHANGED = { ...PARAMETERS, driftThreshold: 0.26 };
/** By the last one, which takes up what the stage had kept: all that a parameter brings into the stack goes away with it. */
const WITH_ALL = { ...CHANGED, requests: 'true', arrivalsWindowSeconds: 2, api: 'true' };
/** A registry that is looked at daily, and so not here: its function, schedule and rights are deployed, and removed. */
const WATCHING = { modelWatch: 'mlflow:drought@champion', mlflowTrackingUri: 'https://mlflow.example.org' };

const engine = await findEngine().catch(reasonToSkip);
const skip = typeof engine === 'string' && engine;
if (skip) console.error(`SKIPPED: ${skip}`);
console.log(
  'NOT TESTED here: tables for SQL, as LocalStack has neither Glue nor Athena. npm run test:ministack tests them.',
);

describe('a stage on LocalStack', { skip }, () => {
  let localStack: LocalStack | undefined;
  let here: Here;
  const at = () => here;

  before(async () => {
    if (typeof engine === 'string') return;
    const began = performance.now();
    const tell = (what: string) => console.log(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    localStack = await startLocalStack(engine);
    tell('LocalStack is up');
    const { endpoint } = localStack;
    const account = { region, credentials, endpoint };
    const before = await inventory(account);
    const deployment = await makeDeployment(endpoint, { always: { ...NO_SQL, ...WATCHING } });
    await deployment.deploy(STAGE, PARAMETERS);
    tell('The stage is deployed');
    const stage = await connectStage(STAGE, account);
    const subject = await makeSubject(await openDeployed(stage, localStackTraits));
    const call = (...args: string[]) => swath(args, PROJECT, environmentOf(endpoint));
    // The sweep that the deployment has started: what it publishes would come between the first test's numbers.
    const stateMachineArn = stage.output('StateMachineArn');
    const { executions = [] } = await stage.stepFunctions.send(new ListExecutionsCommand({ stateMachineArn }));
    for (const { executionArn } of executions) await subject.stack.ended(executionArn!);
    here = { localStack, deployment, stage, subject, before, swath: call };
  });
  after(async () => {
    here?.stage.close();
    await localStack?.stop();
  });

  // What takes a minute to show is begun early, and looked at later.
  const alarm = driftAlarm(at);
  const lake = existingInbox(at);
  const daily = schedule(lake.at);
  const removed = removal(at, WITH_ALL);

  plainObject(at);
  alarm.goesOff();
  promotion(at);
  lake.begins();
  redeployment(at, PARAMETERS, CHANGED);
  functionDies(at);
  lake.comesUp();
  functionRunsOutOfTime(lake.at, lake.inferTimeout);
  daily.isHurried(); // until it sweeps, nothing may promote another version there, which the file that waits would get
  alarm.tells();
  bulkFiles(at);
  commandLine(at);
  differencesSeen(at);
  daily.sweeps();
  lake.goesAgain();
  removed.isNoLoss();
  removed.throwsAway();
});
