import { lookUpScenesIn, readFrom, writeTo } from '../../aws/bucket.ts';
import { startsOf } from '../../aws/executions.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { makeModels } from '../../core/models/models.ts';
import { readSettings } from '../../core/settings.ts';
import { collectStep } from './collect.ts';

const settings = readSettings(process.env);

export const handler = lambdaHandler(
  collectStep({
    ...settings,
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    executions: startsOf(settings.stateMachineArn),
    lookUpScenes: lookUpScenesIn(settings.inboxBucket),
    writeResult: writeTo(settings.resultsBucket),
  }),
);
