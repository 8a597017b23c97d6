import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { FUNCTIONS } from '../../core/base/functions.ts';
import { roleOf } from '../packaged/functions.ts';
import { packageService } from '../packaged/package.ts';
import { grantsOf } from '../packaged/permissions.ts';
import { FORMER_RIGHTS } from '../packaged/rights/formerRights.ts';
import { rightsToRecord } from '../packaged/rights/rightProblems.ts';
import { startInProcess } from './inProcess.ts';
import { fileOf, toText } from './release.ts';
import { schemasAsJson } from './schemas.ts';
import { DAY, tellStory } from './story.ts';

/**
 * `npx node test/releases/record.ts`: records what the release of package.json leaves behind, by having it live through a day,
 * so that the next one can be held to it. A recorded release is not recorded again: what it left behind is history.
 */

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const file = fileOf(version);

if (existsSync(file)) {
  console.error(
    `test/releases/${version}.json is there: the release ${version} is recorded. Raise the version in package.json first, or remove the file if that release has never been out.`,
  );
  process.exitCode = 2;
} else {
  const { template } = await packageService();
  const roles = FUNCTIONS.map((name) => roleOf(template, name));
  const rights = rightsToRecord(grantsOf(template), roles, FORMER_RIGHTS);
  const service = await startInProcess(DAY);
  try {
    writeFileSync(file, toText({ version, schemas: schemasAsJson(), rights, ...(await tellStory(service)) }));
  } finally {
    await service.close();
  }
  console.log(`Recorded test/releases/${version}.json.`);
}
