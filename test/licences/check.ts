import { existsSync, readFileSync } from 'node:fs';
import { table } from '../../cli/terminal/output.ts';
import { ALLOWED, ALLOWED_FOR_DEVELOPMENT, EXCEPTIONS } from './allowed.ts';
import { developmentPackages, licenceProblems, shippedPackages } from './licences.ts';

/** `npm run licences`: whose code ships, or helps to make it, and under which licences. It asks nobody. */

const PROJECT = new URL('../../', import.meta.url);

const lockfile = readFileSync(new URL('package-lock.json', PROJECT), 'utf8');
function readManifest(path: string): string | undefined {
  const manifest = new URL(`${path}/package.json`, PROJECT);
  return existsSync(manifest) ? readFileSync(manifest, 'utf8') : undefined;
}
const shipped = shippedPackages(lockfile, readManifest);
const forDevelopment = developmentPackages(lockfile, readManifest);
const problems = [
  ...licenceProblems(shipped, ALLOWED, EXCEPTIONS),
  ...licenceProblems(forDevelopment, ALLOWED_FOR_DEVELOPMENT, new Map()),
];

for (const packages of [shipped, forDevelopment])
  console.log(
    `${table(
      [packages === shipped ? 'ships' : 'helps', 'version', 'licence'],
      packages.map(({ name, version, licence }) => [name, version, licence ?? '-']),
    )}\n`,
  );
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else {
  const count = (packages: typeof shipped) =>
    `${packages.length} packages under ${new Set(packages.map(({ licence }) => licence)).size} licences`;
  console.log(`What ships: ${count(shipped)}; for development alone: ${count(forDevelopment)}; all allowed.`);
}
