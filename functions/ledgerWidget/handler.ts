import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { readFrom } from '../shared/aws/bucket.ts';
import { connectTablesFor } from '../shared/aws/tables.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { makeByState, makeOfDay } from '../shared/ledgerQueries.ts';
import { makeModels } from '../shared/models.ts';
import { readSettings } from '../shared/settings.ts';
import { ledgerWidgetStep } from './ledgerWidget.ts';

const settings = readSettings(process.env);
const { ledgerTable } = settings;
const tables = connectTablesFor({ query: QueryCommand });
const { WIDGET_ARN, RETRY_ARN } = z.object({ WIDGET_ARN: z.string(), RETRY_ARN: z.string() }).parse(process.env);

export const handler = lambdaHandler(
  ledgerWidgetStep({
    ...settings,
    widgetArn: WIDGET_ARN,
    retryArn: RETRY_ARN,
    ledger: {
      ...makeByState(tables, ledgerTable),
      ...makeOfDay(tables, ledgerTable),
    },
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    now: () => new Date(),
  }),
);
