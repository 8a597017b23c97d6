import { existsSync, readFileSync } from 'node:fs';
import { table } from '../../cli/text.ts';
import { ALLOWED, EXCEPTIONS } from './allowed.ts';
import { licenceProblems, shippedPackages } from './licences.ts';

/** `npm run licences`: whose code ships, or is used at run time, and under which licences. It asks nobody. */

const PROJECT = new URL('../../', import.meta.url);

const packages = shippedPackages(readFileSync(new URL('package-lock.json', PROJECT), 'utf8'), (path) => {
  const manifest = new URL(`${path}/package.json`, PROJECT);
  return existsSync(manifest) ? readFileSync(manifest, 'utf8') : undefined;
});
const problems = licenceProblems(packages, ALLOWED, EXCEPTIONS);

console.log(
  table(
    ['package', 'version', 'licence'],
    packages.map(({ name, version, licence }) => [name, version, licence ?? '-']),
  ),
);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else {
  const licences = new Set(packages.map(({ licence }) => licence));
  console.log(`\n${packages.length} packages under ${licences.size} licences, all allowed.`);
}
