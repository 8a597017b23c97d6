import { apiGatewayHandler } from '../../aws/apiGateway.ts';
import { listKeysIn } from '../../aws/bucket.ts';
import { stepPorts } from '../../aws/stepPorts.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { versionsIn } from '../../core/releases/models.ts';
import { catalogueStep } from './catalogue.ts';

const { models, modelsBucket } = stepPorts();

export const handler = apiGatewayHandler({
  corsOrigins: listIn(process.env['API_CORS_ORIGINS'] ?? ''),
  answer: catalogueStep({ models, listVersions: versionsIn(listKeysIn(modelsBucket)) }),
});
