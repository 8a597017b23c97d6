import { openDeployed } from '../deployed.ts';
import { arrivals } from '../suite/arrivals.ts';
import { arrivalsTwice } from '../suite/arrivalsTwice.ts';
import { inboxTellsQueue } from '../suite/inboxTellsQueue.ts';
import { online, PAGE } from '../suite/online.ts';
import { requests } from '../suite/requests.ts';
import { suiteOf } from '../suite.ts';
import { bulkFiles } from './bulkFiles.ts';
import { commandLine } from './commandLine.ts';
import { sees } from './differences.ts';
import { differencesSeen } from './differencesSeen.ts';
import { driftAlarm } from './driftAlarm.ts';
import { existingInbox } from './existingInbox.ts';
import { localStackTraits } from './here.ts';
import { functionDies, functionRunsOutOfTime } from './lostFunctions.ts';
import { messagesSeen } from './messagesSeen.ts';
import { WATCHED } from './modelRegistry.ts';
import { plainObject } from './plainObject.ts';
import { promotion } from './promotion.ts';
import { redeployment } from './redeployment.ts';
import { removal } from './removal.ts';
import { schedule } from './schedule.ts';
import { PARAMETERS, stageOnLocalStack } from './stageOnLocalStack.ts';

/** `npm run test:localstack`: a stage from its first deployment to its removal, and the ways that lead into it. */

/** Given by the second deployment. */
const CHANGED = { ...PARAMETERS, driftThreshold: 0.26 };
/** By the last one, which takes up what the stage had kept. */
const BY_QUEUES = { ...CHANGED, requests: 'true', arrivalsWindowSeconds: 2, api: 'true', apiCorsOrigins: PAGE };
/** A registry that is looked at daily, and so not here: its function, schedule and rights are deployed, and removed. */
const WATCHING = { modelWatch: WATCHED, mlflowTrackingUri: 'https://mlflow.example.org' };

console.log(
  'NOT TESTED here: tables for SQL, as LocalStack has neither Glue nor Athena. npm run test:ministack tests them.',
);

await stageOnLocalStack(
  'a stage on LocalStack',
  async () => WATCHING,
  (at) => {
    // What takes a minute to show is begun early, and looked at later.
    const alarm = driftAlarm(at);
    const lake = existingInbox(at);
    const daily = schedule(lake.at);
    const removed = removal(at, BY_QUEUES);

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
    requests(at);
    online(at, { isThrottled: false, ownWords: sees('gatewayInOwnWords') });
    messagesSeen(at);
    inboxTellsQueue(at);
    arrivalsTwice(at);
    suiteOf('LocalStack, where a queue gathers what arrives', () => openDeployed(at().stage, localStackTraits), [
      arrivals,
    ]);
    removed.throwsAway();
  },
);
