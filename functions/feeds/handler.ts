import { askStacApis } from '../../aws/askStacApi.ts';
import { bucketOf } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { listInventoryOf } from '../../aws/listInventory.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { feedsStep } from './feeds.ts';

const { stage, modelsBucket, inboxBucket, inboxPrefix, assetBuckets } = readSettings(process.env);

export const handler = lambdaHandler(
  feedsStep({
    modelBucket: bucketOf(modelsBucket),
    inbox: bucketOf(inboxBucket),
    inboxPrefix,
    ask: askStacApis(),
    listInventory: listInventoryOf((bucket) => listIn(assetBuckets).includes(bucket)),
    publish: publishTo(stage),
    now: () => new Date(),
  }),
);
