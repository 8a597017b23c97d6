import { apiGatewayHandler } from '../../aws/apiGateway.ts';
import { listKeysIn, readFrom } from '../../aws/bucket.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels, versionsIn } from '../../core/releases/models.ts';
import { catalogueStep } from './catalogue.ts';

const settings = readSettings(process.env);
const { modelsBucket, modelName } = settings;

export const handler = apiGatewayHandler({
  corsOrigins: listIn(process.env['API_CORS_ORIGINS'] ?? ''),
  answer: catalogueStep({
    models: makeModels(readFrom(modelsBucket), modelName),
    listVersions: versionsIn(listKeysIn(modelsBucket)),
  }),
});
