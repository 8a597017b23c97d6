import * as z from 'zod';
import { lambdaHandler } from '../../aws/lambda.ts';
import { secretIn } from '../../aws/parameterStore.ts';
import { alarmsOf, dashboardUrl } from '../../observability/alarms.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { makePost } from './postToWebhook.ts';
import { webhookStep } from './webhook.ts';

const environment = z.object({ OBSERVED_PARAMETERS: z.string(), AWS_REGION: z.string() }).parse(process.env);
const parameters = observedParametersSchema.parse(JSON.parse(environment.OBSERVED_PARAMETERS));
const { stage, alarmWebhook: parameter } = parameters;

export const handler = lambdaHandler(
  webhookStep({
    stage,
    alarms: alarmsOf(parameters),
    dashboardUrl: dashboardUrl(stage, environment.AWS_REGION),
    parameter,
    readSecret: secretIn(parameter),
    post: makePost(`the SSM parameter ${parameter}`),
  }),
);
