import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { listVersionsIn, openScene, readFrom, resultsIn } from '../../aws/bucket.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { withAssets } from '../../aws/openAsset.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeAccept } from '../../core/ledger/accept.ts';
import { makeClaimMessages } from '../../core/ledger/claimMessages.ts';
import { makeDigests } from '../../core/ledger/contentClaim.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { preprocessStep } from './preprocess.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ GetCommand, PutCommand, QueryCommand, UpdateCommand });
const models = makeModels(readFrom(settings.modelsBucket), settings.modelName);

const ports = {
  ...settings,
  ...resultsIn(settings.resultsBucket),
  models,
  ledger: partsOn(tables, settings, makeRuns, makeDigests, makeClaimMessages),
  listVersions: listVersionsIn(settings.resultsBucket),
  now: () => new Date(),
};

export const handler = lambdaHandler(
  preprocessStep({
    ...ports,
    openScene: withAssets(openScene, { prefixes: [settings.inboxPrefix], buckets: listIn(settings.assetBuckets) }),
    accept: makeAccept(startsOf(settings.stateMachineArn)),
  }),
);
