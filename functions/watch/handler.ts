import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { bucketOf, readFrom } from '../../aws/bucket.ts';
import { makeHttpGet } from '../../aws/httpGet.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { secretIn } from '../../aws/parameterStore.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { tellTopic } from '../../aws/topic.ts';
import { checkGraph } from '../../core/inference/onnx/readGraph.ts';
import { makeByState } from '../../core/ledger/ledgerQueries.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { watchStep } from './watch.ts';

const { stage, modelsBucket, resultsBucket, ledgerTable } = readSettings(process.env);
const environment = z
  .object({
    MODEL_WATCH: z.string(),
    MLFLOW_TRACKING_URI: z.string(),
    MLFLOW_SECRET: z.string(),
    PROMOTION_GATE: z.string(),
    ALARM_TOPIC_ARN: z.string(),
  })
  .parse(process.env);
const parameter = environment.MLFLOW_SECRET;

export const handler = lambdaHandler(
  watchStep({
    place: { stage },
    alias: environment.MODEL_WATCH,
    trackingUri: environment.MLFLOW_TRACKING_URI,
    secret: parameter === '' ? null : { parameter, read: secretIn(parameter) },
    get: makeHttpGet(),
    modelBucket: bucketOf(modelsBucket),
    ledger: makeByState(connectTablesFor({ QueryCommand }), ledgerTable),
    readResult: readFrom(resultsBucket),
    openResult: null, // it has no permission to read maps
    promotionGate: environment.PROMOTION_GATE,
    checkModel: async (model, onnx) => checkGraph(model, onnx),
    tryModel: async (model, onnx) => checkGraph(model, onnx), // the model itself is tried as a shadow, for a week
    tell: tellTopic(environment.ALARM_TOPIC_ARN, stage),
    now: () => new Date(),
  }),
);
