import { readFileSync } from 'node:fs';
import { table } from '../../cli/terminal/output.ts';
import { REASONS } from './reasons.ts';
import { parseReport, unexplained } from './unexplained.ts';

/** `node test/checkov/check.ts REPORT`: a report of checkov on the packaged templates, against our reasons. */

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('Which report? Give the file that `checkov --output json` has written.');
  process.exit(2);
}
const report = parseReport(readFileSync(path, 'utf8'));
const problems = unexplained(report, REASONS);

console.log(
  table(
    ['check', 'resources', 'about'],
    REASONS.map(({ check, resources, about }) => [check, String(resources.length), about]),
  ),
);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else {
  const { passed_checks, failed_checks } = report.results;
  console.log(`\n${passed_checks.length} checks passed, ${failed_checks.length} left out, each for a reason.`);
}
