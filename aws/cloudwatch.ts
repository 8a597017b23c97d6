import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { slices } from '../core/base/concurrency/inOrder.ts';
import { NAMESPACE, type Publish, unitOf } from '../core/metrics/metrics.ts';
import { toDimensions } from './dimensions.ts';
import { patience } from './patience.ts';

/** PutMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_DATUMS_PER_PUT = 1000;

export function publishTo(stage: string, client = new CloudWatchClient(patience)): Publish {
  return async (datums) => {
    const Timestamp = new Date();
    for (const some of slices(datums, MAX_DATUMS_PER_PUT)) {
      const MetricData = some.map(({ metric, value, dimensions }) => ({
        MetricName: metric,
        Unit: unitOf(metric),
        Value: value,
        Timestamp,
        Dimensions: toDimensions({ Stage: stage, ...dimensions }),
      }));
      await client.send(new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData }));
    }
  };
}
