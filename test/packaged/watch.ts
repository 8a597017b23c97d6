import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { functionIn } from './functions.ts';
import { WITH_ALL } from './package.ts';
import { covers, grantsOf } from './permissions.ts';
import { kindsOf, resourcesOf, type Template } from './template.ts';

/**
 * What the parameter modelWatch deploys.
 *
 * @param plain the template without it
 */
export function checkWatch(template: Template, plain: Template): void {
  describe('the watch of a model registry', () => {
    it('is what the parameter deploys, and without it is nowhere', () => {
      const added = Object.entries(template.Resources).filter(([id]) => /^Watch/.test(id));
      const ofLambda = 'Lambda::EventInvokeConfig, Lambda::Function, Lambda::Permission, Lambda::Version';
      assert.equal(kindsOf(added), `Events::Rule, IAM::Role, ${ofLambda}, Logs::LogGroup`);
      const { ObservedParameters: _, ...outputs } = plain.Outputs;
      assert.doesNotMatch(JSON.stringify({ ...plain, Outputs: outputs }), /mlflow|swath-dev-watch/i);
    });

    it('is called when the sweep is, and by nothing else', () => {
      const rules = resourcesOf(template, 'AWS::Events::Rule').filter(([id]) => /^Watch/.test(id));
      assert.deepEqual(
        rules.map(([, { Properties }]) => [Properties['Name'], Properties['ScheduleExpression'], Properties['State']]),
        [['swath-dev-watch', template.Resources['SweepRule']!.Properties['ScheduleExpression'], 'ENABLED']],
      );
      const permissions = resourcesOf(template, 'AWS::Lambda::Permission').filter(([id]) => /^Watch/.test(id));
      assert.equal(permissions.map(([, { Properties }]) => Properties['Principal']).join(), 'events.amazonaws.com');
    });

    it('notifies the subscribers of alarms if all tries of a call have failed, whatever the reason', () => {
      const [config] = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(([, one]) => one.Properties);
      const topic = template.Outputs['AlarmTopicArn']?.Value;
      assert.partialDeepStrictEqual(config, {
        FunctionName: 'swath-dev-watch',
        Qualifier: '$LATEST', // which the rule calls
        DestinationConfig: { OnFailure: { Destination: topic } },
      });
      assert.equal(config?.['MaximumRetryAttempts'], undefined, 'three tries, as Lambda has it');
      const tells = grantsOf(template).filter(({ role, action }) => role === 'WatchRole' && action === 'sns:Publish');
      assert.equal(tells.map(({ resource }) => resource).join(), topic);
    });

    it('knows only the name of the secret, and may write promotions, and no predictions', () => {
      const { Variables } = functionIn(template, 'watch').Environment;
      assert.partialDeepStrictEqual(Variables, {
        MODEL_WATCH: WITH_ALL.modelWatch,
        MLFLOW_TRACKING_URI: WITH_ALL.mlflowTrackingUri,
        MLFLOW_SECRET: WITH_ALL.mlflowSecret,
      });
      const puts = grantsOf(template).filter(({ role, action }) => role === 'WatchRole' && action === 's3:PutObject');
      const models = 'arn:aws:s3:::swath-dev-models-123456789012-us-east-1';
      assert.deepEqual(
        puts.map(({ resource }) => resource),
        ['*/*/*', '_watched/*', '*/shadow.json', '*/promoted.json'].map((keys) => `${models}/${keys}`),
      );
      const may = (key: string) =>
        puts.some((grant) => covers(grant, { action: 's3:PutObject', resource: `${models}/${key}` }));
      assert.ok(may('droughtwatch-baseline/1.1.0/item.json') && may('_watched/0123456789abcdef.json'));
      assert.ok(may('droughtwatch-baseline/promoted.json') && !may('serving.json'));
    });
  });
}
