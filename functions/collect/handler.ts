import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { lookUpScenesIn, readFrom, readVersionFrom, replaceVersionIn, writeTo } from '../../aws/bucket.ts';
import { startsOf } from '../../aws/executionStarts.ts';
import { featuresOf } from '../../aws/features.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { findObjectBy } from '../../aws/openObject.ts';
import { buryIn, sendTo } from '../../aws/queues.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeRowLookups } from '../../core/ledger/bulkRows.ts';
import { makeMessageOwner } from '../../core/ledger/claimMessages.ts';
import { makeMarkDue } from '../../core/ledger/dueDays.ts';
import { makeByRun, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeAnnounceBatch } from '../../core/ledger/openBatches.ts';
import { makeAnnounceRun, makeTellTruth } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { collectStep } from './collect.ts';
import type { RequestsPorts } from './requests.ts';
import type { TruthsPorts } from './truths.ts';

const ports = stepPorts();
const { REQUESTS_QUEUE_URL: requests, COUNTS_QUEUE_URL: counts, DEAD_LETTERS_URL = '' } = process.env;

const common = { ...ports, executions: startsOf(ports.stateMachineArn), writeResult: writeTo(ports.resultsBucket) };

function portsOf(url: string, queue: 'requests' | 'counts'): RequestsPorts & TruthsPorts {
  const { resultsBucket: bucket } = ports;
  return {
    ...common,
    ledger: partsOn(
      connectTablesFor({ BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand }),
      ports,
      ...[makeRowLookups, makeAnnounceRun, makeAnnounceBatch, makeOfScene],
      ...[makeByRun, makeMessageOwner, makeTellTruth, makeMarkDue],
    ),
    features: featuresOf(ports),
    objects: { readVersion: readVersionFrom(bucket), replaceVersion: replaceVersionIn(bucket) },
    findObject: findObjectBy(),
    readResult: readFrom(bucket),
    requestQueue: { url, send: sendTo(), bury: buryIn(DEAD_LETTERS_URL, queue) },
  };
}

export const handler = lambdaHandler(
  collectStep({
    ...common,
    lookUpScenes: lookUpScenesIn(ports.inboxBucket),
    ...(requests !== undefined && { requests: portsOf(requests, 'requests') }),
    ...(counts !== undefined && { counts: portsOf(counts, 'counts') }),
  }),
);
