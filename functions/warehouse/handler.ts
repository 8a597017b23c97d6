import { listKeysIn, readFrom, writeTo } from '../../aws/bucket.ts';
import { publishTo } from '../../aws/cloudwatch.ts';
import { lambdaHandler } from '../../aws/lambda.ts';
import { warehouseAt } from '../../aws/redshift.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { warehouseStep } from './warehouse.ts';

const { stage, resultsBucket } = readSettings(process.env);

export const handler = lambdaHandler(
  warehouseStep({
    resultsBucket,
    readResult: readFrom(resultsBucket),
    writeResult: writeTo(resultsBucket),
    listKeys: listKeysIn(resultsBucket),
    warehouse: warehouseAt(process.env['REDSHIFT'] ?? ''),
    publish: publishTo(stage),
    now: () => new Date(),
  }),
);
