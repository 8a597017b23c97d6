import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { readSections } from '../../console/answers/runbook.ts';
import { metrics } from '../../core/metrics/allMetrics.ts';
import meaningsOfMetrics from '../../core/metrics/meanings.json' with { type: 'json' };
import meanings from '../../core/parameters/meanings.json' with { type: 'json' };
import { parameters } from '../../core/parameters/parameters.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { alarmsOf, describeAlarm, runbookSection } from '../../observability/alarms.ts';
import { driftPictures } from './driftPictures.ts';
import { exampleParameters } from './exampleParameters.ts';
import { metricsDocument } from './metricsDocument.ts';
import { withParameters } from './parametersDocument.ts';
import { withQuotations } from './quotations.ts';

const alarms = alarmsOf(exampleParameters);
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const runbook = read('docs/runbook.md');
const sections = readSections(runbook);

it('docs/metrics.md is what the tables say; npm run docs writes it', () => {
  assert.equal(read('docs/metrics.md'), metricsDocument());
});

it('the pictures of docs/drift.md are what the code draws; npm run docs writes them', async () => {
  for (const [name, svg] of Object.entries(await driftPictures())) {
    assert.equal(read(`docs/${name}.svg`), svg, name);
    assert.ok(read('docs/drift.md').includes(`](${name}.svg)`), name);
  }
});

it('docs/metrics.md has a row for each metric and each alarm', () => {
  const rows = metricsDocument().split('\n');
  assert.deepEqual(Object.keys(meaningsOfMetrics), [...metrics.keys()]);
  for (const name of metrics.keys()) assert.equal(rows.filter((row) => row.startsWith(`| \`${name}\` |`)).length, 1);
  for (const { id } of alarms) assert.equal(rows.filter((row) => row.startsWith(`| [${id}](`)).length, 1);
});

it('docs/deploy.md has every parameter as the table and serverless.yml have it; npm run docs writes it', () => {
  const document = read('docs/deploy.md');
  assert.equal(document, withParameters(document));
  for (const name of Object.keys(parameters))
    assert.match(document, new RegExp(`^\\| \`${name}\` \\| .+ \\| .+ \\| .+ \\|$`, 'm'));
  for (const name of Object.keys(meanings)) assert.ok(name in parameters, name);
});

it('no document has a parameter without a value, as the Serverless Framework refuses one', () => {
  for (const name of readdirSync(new URL('../../docs/', import.meta.url)).filter((name) => name.endsWith('.md')))
    for (const [found, parameter] of read(`docs/${name}`).matchAll(/[`"](\w+)=[`"]/g))
      assert.ok(!(parameter! in parameters), `docs/${name}: ${found}`);
});

it('docs/deploy.md says after how many days each folder of the results bucket is emptied, and which tables outlive a stage', () => {
  const document = read('docs/deploy.md');
  const { ResultsBucket } = parse(read('resources/storage/buckets.yml')).Resources;
  const rules: { Prefix?: string; ExpirationInDays?: number | string }[] =
    ResultsBucket.Properties.LifecycleConfiguration.Rules;
  const expiring = rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
  assert.ok(expiring.length >= 10);
  for (const { Prefix, ExpirationInDays } of expiring) {
    const days = String(ExpirationInDays).replace(/^\$\{number:(\w+)\}$/, '`$1`');
    const row = document.split('\n').find((line) => line.startsWith('| ') && line.includes(`\`${Prefix}\``));
    assert.ok(row?.split(' | ')[1]?.startsWith(`${days} `), `${Prefix}: ${row}`);
  }
  const kept = document.split('\n').find((line) => line.startsWith('| `throwAway=false` |'));
  for (const [, table] of read('resources/storage/tables.yml').matchAll(/TableName: \$\{self:custom\.names\.(\w+)\}/g))
    assert.ok(kept?.includes(`\`swath-<stage>-${table}\``), table);
});

it('docs/http.md has a service level for each alarm of the API and each alert of a server', () => {
  const document = read('docs/http.md');
  const { groups } = parse(read('deployment/monitoring/alerts.yml')) as { groups: { rules: { alert: string }[] }[] };
  for (const { alert } of groups.flatMap(({ rules }) => rules))
    assert.match(document, new RegExp(`[|:] \`${alert}\` \\|`));
  for (const { id } of alarms.filter((alarm) => alarm.id.startsWith('api-')))
    assert.ok(document.includes(`[\`${id}\`](runbook.md#${id}) |`), id);
});

describe('docs/runbook.md', () => {
  it('has a section for each alarm, and none besides', () => {
    assert.deepEqual(sections.map(({ id }) => id).sort(), alarms.map(({ id }) => id).sort());
  });

  for (const alarm of alarms) {
    const { id, title, meaning, firstStep } = alarm;
    it(`${id}: says what the alarm says, and how to go on`, () => {
      const { quotation = '', text = '' } = sections.find((section) => section.id === id) ?? {};
      for (const said of [title, meaning, firstStep]) assert.ok(quotation.includes(said), said);
      assert.match(text, /^\*\*Check\*\*\n\n```bash\n/);
      assert.match(text, /\*\*Common causes\*\*/);
      assert.match(text, /\*\*What to do\*\*/);
      assert.match(text, /\*\*It clears\*\* /);
      assert.ok(describeAlarm(alarm).endsWith(runbookSection(id)));
      assert.equal(runbookSection(id), `docs/runbook.md#${id}`);
    });
  }

  it('quotes the alarms as they are; npm run docs does so', () => {
    assert.equal(runbook, withQuotations(runbook, alarms));
  });

  it('names parameters for time-outs and memory, not places in the code', () => {
    assert.doesNotMatch(runbook, /function\.yml|pipeline\.yml|memorySize/);
    const parameters = readParameters();
    for (const [, name] of runbook.matchAll(/\b([a-z]\w*(?:Timeout|Memory))\b/g)) assert.ok(name! in parameters, name);
  });

  it('names no file that is not there', () => {
    const links = [...runbook.matchAll(/\]\((?!#)([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
    for (const link of links) assert.ok(readFileSync(new URL(`../../docs/${link}`, import.meta.url)), link);
    const fragments = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, fragment]) => fragment!);
    for (const fragment of fragments)
      assert.ok(
        sections.some(({ id }) => id === fragment),
        fragment,
      );
  });
});

describe('a quotation', () => {
  const [drift, blanks] = ['drift', 'blanks'].map((id) => alarms.find((alarm) => alarm.id === id));
  const before = `# Runbook\n\nBefore.\n\n## drift\n\n> Old.\n> Older.\n\nKept.\n\n## blanks\n\nNew.\n\n## other\n\n> Its own.\n\nKept.\n`;

  it('replaces an old one or is added, and changes nothing else', () => {
    const after = withQuotations(before, [drift!, blanks!]);
    assert.ok(after.startsWith('# Runbook\n\nBefore.\n\n## drift\n\n> **Predictions drift.** Recent predictions'));
    assert.ok(after.includes('\n\nKept.\n\n## blanks\n\n> **Too many blank chips.** More than'));
    assert.ok(after.endsWith('\n\nNew.\n\n## other\n\n> Its own.\n\nKept.\n'));
    assert.doesNotMatch(after, /Old/);
    assert.equal(withQuotations(after, [drift!, blanks!]), after);
  });
});

it('the documents have every alarm', () => {
  assert.ok(alarms.every(({ isOn }) => isOn));
});
