import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { lambdaHandler } from '../../aws/lambda.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { connectTablesFor } from '../../aws/tables.ts';
import { makeByState, makeOfDay } from '../../core/ledger/ledgerQueries.ts';
import { partsOn } from '../../core/ledger/table.ts';
import { ledgerWidgetStep } from './ledgerWidget.ts';

const ports = stepPorts();
const arns = z.object({ WIDGET_ARN: z.string(), RETRY_ARN: z.string() }).parse(process.env);
const ledger = partsOn(connectTablesFor({ QueryCommand }), ports, makeByState, makeOfDay);

export const handler = lambdaHandler(
  ledgerWidgetStep({ ...ports, widgetArn: arns.WIDGET_ARN, retryArn: arns.RETRY_ARN, ledger }),
);
