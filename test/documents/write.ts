import { readFileSync, writeFileSync } from 'node:fs';
import { alarmsOf } from '../../observability/alarms.ts';
import { driftPictures } from './driftPictures.ts';
import { exampleParameters } from './exampleParameters.ts';
import { metricsDocument } from './metricsDocument.ts';
import { withParameters } from './parametersDocument.ts';
import { withQuotations } from './quotations.ts';

/** `npm run docs`: writes the generated parts of the documentation. */

const docs = new URL('../../docs/', import.meta.url);
const runbook = new URL('runbook.md', docs);
const deploying = new URL('deploy.md', docs);

writeFileSync(new URL('metrics.md', docs), metricsDocument());
writeFileSync(runbook, withQuotations(readFileSync(runbook, 'utf8'), alarmsOf(exampleParameters)));
writeFileSync(deploying, withParameters(readFileSync(deploying, 'utf8')));
for (const [name, svg] of Object.entries(await driftPictures())) writeFileSync(new URL(`${name}.svg`, docs), svg);
