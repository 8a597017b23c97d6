import * as z from 'zod';
import { readFrom } from '../shared/aws/bucket.ts';
import { connectTables } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeLedger } from '../shared/ledger.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { ledgerWidgetStep } from './ledgerWidget.ts';

const settings = readSettings(process.env);
const { WIDGET_ARN, RETRY_ARN } = z.object({ WIDGET_ARN: z.string(), RETRY_ARN: z.string() }).parse(process.env);

export const handler = lambdaHandler(
  ledgerWidgetStep({
    ...settings,
    widgetArn: WIDGET_ARN,
    retryArn: RETRY_ARN,
    ledger: makeLedger(connectTables(), settings.ledgerTable),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    now: () => new Date(),
  }),
);
