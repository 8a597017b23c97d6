import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { listVersionsIn, openScene, readFrom, resultsIn } from '../../aws/bucket.ts';
import { startsOf } from '../../aws/executionStarts.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { placesOf, withAssets } from '../../aws/openAsset.ts';
import { openObjectIn } from '../../aws/openObject.ts';
import type { otherStores } from '../../aws/otherStores.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeAccept } from '../../core/ledger/accept.ts';
import { makeClaimMessages } from '../../core/ledger/claimMessages.ts';
import { makeDigests } from '../../core/ledger/contentClaim.ts';
import { makeByRun, makeOfScene } from '../../core/ledger/ledgerQueries.ts';
import { makeRuns } from '../../core/ledger/runs.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { type PreprocessPorts, preprocessStep } from './preprocess.ts';

const ports = stepPorts();
const readModel = readFrom(ports.modelsBucket);
const placesWith = (others: readonly string[] = []) =>
  placesOf(ports.inboxPrefix, { ...ports, assetBuckets: [ports.assetBuckets, ...others].join() }, readModel);
const tables = connectTablesFor({ GetCommand, PutCommand, QueryCommand, UpdateCommand });

type More = Pick<PreprocessPorts, 'cubeFormat'> & { others?: ReturnType<typeof otherStores> };

/** The handler of preprocess, with what else it reads: formats, and stores that have assets. */
export const preprocessHandler = ({ others, ...more }: More) =>
  lambdaHandler(
    preprocessStep({
      ...ports,
      ...more,
      ...resultsIn(ports.resultsBucket),
      ledger: partsOn(tables, ports, makeRuns, makeDigests, makeClaimMessages, makeOfScene, makeByRun),
      openResult: openObjectIn(ports.resultsBucket),
      listVersions: listVersionsIn(ports.resultsBucket),
      openScene: withAssets(openScene, placesWith(others?.buckets), undefined, undefined, others?.clientOf),
      accept: makeAccept(startsOf(ports.stateMachineArn)),
    }),
  );
