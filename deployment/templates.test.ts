import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { parameters } from '../core/parameters/parameters.ts';

/** The templates for servers, endpoints and retraining, with the parameters of whoever deploys them. */

const FUNCTIONS = 'Ref Sub If Select Split Join Equals Not And GetAtt FindInMap Base64'.split(' ');
const customTags = FUNCTIONS.flatMap((name) => [
  { tag: `!${name}`, resolve: (argument: string) => ({ [name]: argument }) },
  { tag: `!${name}`, collection: 'seq' as const, resolve: (list: object) => ({ [name]: Object(list).toJSON() }) },
]);
const read = (name: string) =>
  parse(readFileSync(new URL(`${name}/template.yml`, import.meta.url), 'utf8'), { customTags });

/** What a value of a template becomes; a condition that is not among those which hold does not. */
function computed(node: unknown, given: Record<string, string>, holding: readonly string[] = []): unknown {
  const all = (list: unknown[]) => list.map((one) => computed(one, given, holding));
  if (Array.isArray(node)) return all(node);
  if (typeof node !== 'object' || node === null) return node;
  const [[name, argument] = ['', undefined]] = Object.entries(node);
  if (name === 'Ref') return argument === 'AWS::NoValue' ? undefined : given[argument];
  if (name === 'If') return computed(argument[holding.includes(argument[0]) ? 1 : 2], given, holding);
  if (name === 'Sub') {
    const [text, more] = Array.isArray(argument) ? argument : [argument, {}];
    return text.replaceAll(
      /\$\{(.+?)\}/g,
      (_: string, key: string) => given[key] ?? computed(more[key], given, holding),
    );
  }
  const [first, second] = Array.isArray(argument) ? all(argument) : [];
  if (name === 'Select') return (second as unknown[])[first as number];
  if (name === 'Split') return (second as string).split(first as string);
  if (name === 'Join') return (second as unknown[]).join(first as string);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, computed(value, given, holding)]));
}

describe('the alarms of', () => {
  const given = { AlarmTopic: 'arn:aws:sns:us-east-1:123456789012:swath-dev-alarms', 'AWS::StackName': 'servers' };
  for (const name of ['ecs', 'sagemaker'])
    test(`${name} have names that the topic of a stage takes alarms of, and without a topic none`, () => {
      const notices = Object.values<{ Type: string; Properties: Record<string, unknown> }>(read(name).Resources)
        .filter(({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && 'OKActions' in Properties)
        .map(({ Properties }) => Properties['AlarmName']);
      const names = notices.map((one) => computed(one, given, ['HasAlarmTopic']));
      assert.equal(new Set(names).size, { ecs: 3, sagemaker: 2 }[name]);
      for (const one of names) assert.match(String(one), /^swath-dev-alarms-servers-[a-z-]+$/); // resources/alarmTopic.yml: swath-dev-*
      assert.ok(notices.every((one) => computed(one, given) === undefined));
    });
});

describe('the image of', () => {
  for (const [name, role] of [
    ['ecs', 'ExecutionRole'],
    ['retraining', 'ExecutionRole'],
  ] as const)
    for (const [partition, host] of [
      ['aws', 'eu-central-1.amazonaws.com'],
      ['aws-cn', 'cn-north-1.amazonaws.com.cn'],
    ] as const)
      for (const repository of ['swath', 'team/swath', 'registry.example.cn/swath'])
        test(`${name} may be ${repository} of ${host}`, () => {
          const { Parameters, Resources } = read(name);
          const Image = `123456789012.dkr.ecr.${host}/${repository}@sha256:${'0'.repeat(64)}`;
          assert.match(Image, new RegExp(`^${Parameters.Image.AllowedPattern}$`));
          const [{ PolicyDocument }] = Resources[role].Properties.Policies;
          const pulled = PolicyDocument.Statement.find(({ Action }: { Action: unknown }) =>
            String(Action).includes('ecr:BatchGetImage'),
          );
          const [region] = host.split('.');
          assert.equal(
            computed(pulled.Resource, { Image, 'AWS::Partition': partition }),
            `arn:${partition}:ecr:${region}:123456789012:repository/${repository}`,
          );
        });
});

test('retraining takes the instance types that jobs of a stage may have', () => {
  const { AllowedPattern, Default } = read('retraining').Parameters.InstanceTypes;
  const others = 'g4dn p6-b200.48xlarge p3.2xlarge p3dn g5g.xlarge optimal'.split(' ');
  for (const one of [...Default.split(','), ...others]) {
    const isOfJobs = parameters['batchInstanceTypes']!.schema.safeParse(one).success;
    assert.equal(new RegExp(`^${AllowedPattern}$`).test(one), isOfJobs, one);
  }
});

test('retraining takes the names that models may have', () => {
  const pattern = new RegExp(`^${read('retraining').Parameters.Model.AllowedPattern}$`);
  for (const name of ['crop+soil', 'a.b_c-1']) assert.match(name, pattern);
  assert.doesNotMatch('a/b', pattern);
});
