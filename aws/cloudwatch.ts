import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { metrics, NAMESPACE, type Publish } from '../core/metrics.ts';
import { toDimensions } from './dimensions.ts';
import { patience } from './patience.ts';

/** PutMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const MAX_DATUMS_PER_PUT = 1000;

export function publishTo(stage: string, client = new CloudWatchClient(patience)): Publish {
  return async (datums) => {
    const Timestamp = new Date();
    for (let first = 0; first < datums.length; first += MAX_DATUMS_PER_PUT) {
      await client.send(
        new PutMetricDataCommand({
          Namespace: NAMESPACE,
          MetricData: datums.slice(first, first + MAX_DATUMS_PER_PUT).map(({ metric, value, dimensions }) => ({
            MetricName: metric,
            Unit: metrics[metric].unit,
            Value: value,
            Timestamp,
            Dimensions: toDimensions({ Stage: stage, ...dimensions }),
          })),
        }),
      );
    }
  };
}
