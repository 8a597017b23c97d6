import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { observedParameters } from '../../local/alarms/observing.ts';
import { alarmName, alarmsOf } from '../../observability/alarms.ts';
import { dashboardOf } from '../../observability/dashboard.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { WITH_OBSERVED } from './package.ts';
import { propertiesOf, resourcesOf, type Template } from './template.ts';

const widgetSchema = z.object({ type: z.string(), properties: z.looseObject({ title: z.string().optional() }) });
const bodySchema = z.object({ widgets: z.array(widgetSchema) });

/** The dashboard and the alarms that deploy are those that a laptop has. */
export function checkObservability(template: Template): void {
  const stateMachineArn = String(template.Outputs['StateMachineArn']?.Value);
  const parameters = {
    ...observedParameters(),
    ...WITH_OBSERVED,
    stage: 'dev',
    stateMachineArn,
    arrivalsWindowSeconds: Number(WITH_OBSERVED.arrivalsWindowSeconds),
  };
  const alarms = alarmsOf(parameters).filter(({ isOn }) => isOn);

  it('the stack says by which parameters it is observed', () => {
    const said = String(template.Outputs['ObservedParameters']?.Value);
    assert.deepEqual(observedParametersSchema.parse(JSON.parse(said)), parameters);
  });

  describe('the packaged dashboard', () => {
    const { DashboardName, DashboardBody } = propertiesOf(
      template,
      'Dashboard',
      z.strictObject({ DashboardName: z.string(), DashboardBody: z.string() }),
    );
    const { widgets } = bodySchema.parse(JSON.parse(DashboardBody));
    const titled = (title: string) => widgets.find(({ properties }) => properties.title === title)?.properties;

    it('has every panel, in its order', () => {
      const titles = dashboardOf(parameters).flatMap(({ panels }) => panels.map(({ title }) => title));
      const shown = widgets.flatMap(({ properties: { title } }) => (title === undefined ? [] : [title]));
      assert.deepEqual(
        shown.filter((title) => title !== 'Reference'),
        titles,
      );
      assert.equal(DashboardName, 'swath-dev-us-east-1');
    });

    it('refers to deployed resources', () => {
      assert.equal(
        titled('Runs')?.['endpoint'],
        'arn:aws:lambda:us-east-1:123456789012:function:swath-dev-ledgerWidget',
      );
      assert.match(JSON.stringify(titled('Executions')), new RegExp(`"StateMachineArn","${stateMachineArn}"`));
      assert.deepEqual(
        z.array(z.string()).parse(titled('Alarms')?.['alarms']).sort(),
        alarms.map(({ id }) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:swath-dev-${id}`).sort(),
      );
    });

    it('leaves to CloudWatch what CloudWatch completes', () => {
      assert.match(JSON.stringify(titled('Class shares')), /predicted \$\{PROP\('Dim\.Class'\)\}: \$\{LAST\}/);
    });
  });

  describe('the packaged alarms', () => {
    const topic = template.Outputs['AlarmTopicArn']?.Value;

    it('are those of a laptop, and publish to the topic', () => {
      const found = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => [
        String(Properties['AlarmName']),
        { Threshold: Properties['Threshold'], AlarmActions: Properties['AlarmActions'] },
      ]);
      const expected = alarms.map(({ id, threshold }) => [
        alarmName('dev', id),
        { Threshold: threshold, AlarmActions: [topic] },
      ]);
      assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
    });

    it('use a topic that they alone may publish to, encrypted with a key that they may use', () => {
      const { KmsMasterKeyId } = propertiesOf(template, 'AlarmTopic', z.looseObject({ KmsMasterKeyId: z.string() }));
      assert.equal(KmsMasterKeyId, 'swath-generated-AlarmKey');
      const policyOf = (id: string, property: string) =>
        z
          .object({ Statement: z.array(z.looseObject({ Effect: z.string(), Principal: z.unknown() })) })
          .parse(template.Resources[id]?.Properties[property])
          .Statement.filter(({ Effect }) => Effect === 'Allow');
      const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
      const [publish, ...others] = policyOf('AlarmTopicPolicy', 'PolicyDocument');
      assert.deepEqual(others, []);
      assert.partialDeepStrictEqual(publish, {
        Principal: cloudWatch,
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:swath-dev-*' } },
      });
      // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
      assert.partialDeepStrictEqual(policyOf('AlarmKey', 'KeyPolicy').at(-1), {
        Principal: cloudWatch,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      });
    });

    it('and all else that costs by the month are no more than in docs/deploy.md: eleven, those of the webhook, of arrivals, requests, what is counted, feeds and the warehouse, and five of the API', () => {
      const count = (type: string) => resourcesOf(template, type).length;
      const monthly = { 'AWS::CloudWatch::Alarm': 11 + 11, 'AWS::CloudWatch::Dashboard': 1, 'AWS::KMS::Key': 1 };
      assert.deepEqual(Object.fromEntries(Object.keys(monthly).map((type) => [type, count(type)])), monthly);
    });
  });
}
