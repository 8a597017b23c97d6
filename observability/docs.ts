import { readFileSync, writeFileSync } from 'node:fs';
import { alarmsOf } from './alarms.ts';
import { exampleParameters } from './exampleParameters.ts';
import { metricsDocument } from './metricsDocument.ts';
import { monitoringFiles } from './monitoringFiles.ts';
import { withQuotations } from './runbook.ts';
import { withParameters, withServiceLevels } from './serviceLevelsDocument.ts';

/** `npm run docs`: writes the generated parts of the documentation, and the files for Prometheus and Grafana. */

const docs = new URL('../docs/', import.meta.url);
const runbook = new URL('runbook.md', docs);
const online = new URL('http.md', docs);
const deploying = new URL('deploy.md', docs);

writeFileSync(new URL('metrics.md', docs), metricsDocument());
writeFileSync(runbook, withQuotations(readFileSync(runbook, 'utf8'), alarmsOf(exampleParameters)));
writeFileSync(deploying, withParameters(readFileSync(deploying, 'utf8')));
writeFileSync(online, withServiceLevels(readFileSync(online, 'utf8')));

for (const [name, text] of Object.entries(monitoringFiles()))
  writeFileSync(new URL(`../deployment/monitoring/${name}`, import.meta.url), text);
