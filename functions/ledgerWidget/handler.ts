import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { readFrom } from '../../aws/bucket.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeByState, makeOfDay } from '../../core/ledger/ledgerQueries.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import { ledgerWidgetStep } from './ledgerWidget.ts';

const settings = readSettings(process.env);
const tables = connectTablesFor({ QueryCommand });
const { WIDGET_ARN, RETRY_ARN } = z.object({ WIDGET_ARN: z.string(), RETRY_ARN: z.string() }).parse(process.env);

export const handler = lambdaHandler(
  ledgerWidgetStep({
    ...settings,
    widgetArn: WIDGET_ARN,
    retryArn: RETRY_ARN,
    ledger: partsOn(tables, settings, makeByState, makeOfDay),
    models: makeModels(readFrom(settings.modelsBucket), settings.modelName),
    now: () => new Date(),
  }),
);
