import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { functionIn } from './functions.ts';
import { WITH_ALL } from './package.ts';
import { grantsOf } from './permissions.ts';
import { kindsOf, propertiesOf, resourcesOf, type Template } from './template.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:swath-dev-alarms';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:swath-dev-webhook';

/**
 * What the parameter alarmWebhook deploys.
 *
 * @param plain the template without it
 */
export function checkWebhook(template: Template, plain: Template): void {
  describe('the webhook', () => {
    it('is what the parameter deploys, and all that it deploys', () => {
      const isOfOthers = (id: string) =>
        /^(Collect|Arrivals|Watch|Warehouse|Feed|Work|Requests|Counts|Api|Predict|Catalogue)|(SageMaker|Tokens|AssetSecret)$/.test(
          id,
        );
      const types = Object.entries(template.Resources).filter(([id]) => !(id in plain.Resources) && !isOfOthers(id));
      const ofLambda = 'Lambda::Function, Lambda::Permission, Lambda::Version';
      assert.equal(kindsOf(types), `CloudWatch::Alarm, IAM::Role, ${ofLambda}, Logs::LogGroup, SNS::Subscription`);
      const gone = Object.keys(plain.Resources).filter((id) => !(id in template.Resources));
      assert.deepEqual(gone, []);
    });

    it('without it is not deployed, and the topic has no subscriber until one is named', () => {
      const { ObservedParameters, ...outputs } = plain.Outputs;
      assert.equal(observedParametersSchema.parse(JSON.parse(String(ObservedParameters?.Value))).alarmWebhook, '');
      const said = JSON.stringify({ ...plain, Outputs: outputs });
      assert.ok(!/webhook/i.test(said), /.{80}webhook.{80}/i.exec(said)?.[0]);
      assert.equal(resourcesOf(plain, 'AWS::SNS::Topic').length, 1);
      assert.deepEqual(resourcesOf(plain, 'AWS::SNS::Subscription'), []);
      assert.equal(resourcesOf(plain, 'AWS::CloudWatch::Alarm').length, 11);
    });

    it("is called by the alarms' topic, and by nothing else", () => {
      const subscriptions = resourcesOf(template, 'AWS::SNS::Subscription')
        .map(([, { Properties }]) => Properties)
        .filter(({ Protocol }) => Protocol === 'lambda');
      assert.deepEqual(subscriptions, [{ TopicArn: TOPIC, Protocol: 'lambda', Endpoint: FUNCTION }]);
      const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
        .map(([, { Properties }]) => Properties)
        .filter(({ Principal }) => Principal !== 'apigateway.amazonaws.com' && Principal !== 'events.amazonaws.com');
      assert.deepEqual(permissions, [
        { FunctionName: FUNCTION, Action: 'lambda:InvokeFunction', Principal: 'sns.amazonaws.com', SourceArn: TOPIC },
      ]);
    });

    it('may read the one secret, and knows its name only', () => {
      const granted = grantsOf(template).filter(({ role, action }) => role === 'WebhookRole' && !/^logs:/.test(action));
      const resource = `arn:aws:ssm:us-east-1:123456789012:parameter${WITH_ALL.alarmWebhook}`;
      const role = 'WebhookRole';
      assert.deepEqual(granted, [{ role, action: 'ssm:GetParameter', resource, condition: undefined }]);
      const { OBSERVED_PARAMETERS = '' } = functionIn(template, 'webhook').Environment.Variables;
      const said = template.Outputs['ObservedParameters']?.Value;
      assert.deepEqual(JSON.parse(OBSERVED_PARAMETERS), JSON.parse(String(said)), 'what the stack says of itself');
    });

    it('that gives a message up raises its own alarm', () => {
      const alarm = propertiesOf(template, 'WebhookAlarm', observedAlarm);
      assert.equal(alarm.MetricName, 'AsyncEventsDropped');
      assert.deepEqual(alarm.Dimensions, [{ Name: 'FunctionName', Value: 'swath-dev-webhook' }]);
    });
  });
}

const observedAlarm = z.looseObject({ MetricName: z.string(), Dimensions: z.unknown() });
