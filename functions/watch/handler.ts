import * as z from 'zod';
import { readFrom, writeTo } from '../../aws/bucket.ts';
import { makeHttpGet } from '../../aws/httpGet.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { secretIn } from '../../aws/parameterStore.ts';
import { tellTopic } from '../../aws/topic.ts';
import { checkGraph } from '../../core/runtimes/onnx/checkGraph.ts';
import { readSettings } from '../../core/settings.ts';
import { watchStep } from './watch.ts';

const { stage, modelsBucket } = readSettings(process.env);
const environment = z
  .object({
    MODEL_WATCH: z.string(),
    MLFLOW_TRACKING_URI: z.string(),
    MLFLOW_SECRET: z.string(),
    ALARM_TOPIC_ARN: z.string(),
  })
  .parse(process.env);
const parameter = environment.MLFLOW_SECRET;

export const handler = lambdaHandler(
  watchStep({
    stage,
    alias: environment.MODEL_WATCH,
    trackingUri: environment.MLFLOW_TRACKING_URI,
    secret: parameter === '' ? null : { parameter, read: secretIn(parameter) },
    get: makeHttpGet(),
    bucket: { read: readFrom(modelsBucket), write: writeTo(modelsBucket) },
    checkModel: async (model, onnx) => checkGraph(model, onnx),
    tell: tellTopic(environment.ALARM_TOPIC_ARN, stage),
    now: () => new Date(),
  }),
);
