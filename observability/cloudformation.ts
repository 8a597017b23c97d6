import { capitalised } from '../core/base/text/capitalised.ts';
import { type Alarm, alarmName, alarmsOf, dashboardName, dashboardUrl, describeAlarm } from './alarms.ts';
import { dashboardOf } from './dashboard.ts';
import { dashboardBody, reference } from './dashboardBody.ts';
import { askObserved, type ObservedParameters } from './parameters.ts';

type Resource = { Type: string; Properties: Record<string, unknown> };
type Template = { Resources: Record<string, Resource>; Outputs: Record<string, { Value: unknown }> };

/** Called by the Serverless Framework, through cloudformation.cjs, for an entry under `resources` in serverless.yml. */
export async function observabilityResources({
  resolveVariable,
}: {
  resolveVariable: (variable: string) => Promise<unknown>;
}): Promise<Template> {
  // The plugin deployment/parameterCheck.ts refuses invalid ones.
  const parameters = await askObserved(resolveVariable, reference('Pipeline'));
  return templateOf(parameters, String((await resolveVariable('param:alarmEmail')) ?? ''));
}

/**
 * Makes the topic, alarms and dashboard of a stage.
 *
 * @param alarmEmail who is notified of alarms; nobody if it is empty or `none`
 */
export function templateOf(parameters: ObservedParameters, alarmEmail: string): Template {
  const { stage } = parameters;
  const alarms = alarmsOf(parameters).filter(({ isOn }) => isOn);
  const body = dashboardBody(dashboardOf(parameters), {
    alarmArns: alarms.map(({ id }) => reference(`${logicalId(id)}.Arn`)),
    ledgerWidgetArn: reference('LedgerWidgetLambdaFunction.Arn'),
  });
  const region = reference('AWS::Region');
  return {
    Resources: {
      ...topicResources(stage),
      ...(alarmEmail !== '' &&
        alarmEmail !== 'none' && {
          AlarmSubscription: {
            Type: 'AWS::SNS::Subscription',
            Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: alarmEmail },
          },
        }),
      ...Object.fromEntries(alarms.map((alarm) => [logicalId(alarm.id), alarmResource(stage, alarm)])),
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardName: { 'Fn::Sub': dashboardName(stage, region) }, DashboardBody: { 'Fn::Sub': body } },
      },
    },
    Outputs: {
      // Read by the command line and the console, so that they show a stage as it was deployed.
      ObservedParameters: { Value: { 'Fn::Sub': JSON.stringify(parameters) } },
      AlarmTopicArn: { Value: { Ref: 'AlarmTopic' } },
      DashboardUrl: { Value: { 'Fn::Sub': dashboardUrl(stage, region) } },
    },
  };
}

function alarmResource(stage: string, alarm: Alarm): Resource {
  const { metric, statistic } = alarm;
  const isPercentile = /^p\d/.test(statistic);
  const told = [{ Ref: 'AlarmTopic' }];
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarmName(stage, alarm.id),
      // E-mails of CloudWatch have no other address of a page.
      AlarmDescription: {
        'Fn::Sub': `${describeAlarm(alarm)} Dashboard: ${dashboardUrl(stage, reference('AWS::Region'))}`,
      },
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      ...(isPercentile ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      DatapointsToAlarm: alarm.datapointsToAlarm,
      ComparisonOperator: alarm.comparison,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.missing,
      ActionsEnabled: true,
      AlarmActions: told,
      ...(alarm.tellsWhenOver && { OKActions: told }),
    },
  };
}

/**
 * The encrypted topic for alarms. With AWS's own key for SNS (alias/aws/sns), alarms would silently publish nothing: CloudWatch
 * may not use it, and its policy cannot be changed. So there is a key of our own, for a dollar a month.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
function topicResources(stage: string): Record<string, Resource> {
  const here = {
    'Fn::Sub': `arn:${reference('AWS::Partition')}:cloudwatch:${reference('AWS::Region')}:${reference('AWS::AccountId')}:alarm:${alarmName(stage, '*')}`,
  };
  const ofOurAlarms = { ArnLike: { 'aws:SourceArn': here } };
  const owner = { AWS: { 'Fn::Sub': `arn:${reference('AWS::Partition')}:iam::${reference('AWS::AccountId')}:root` } };
  const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
  return {
    AlarmKey: {
      Type: 'AWS::KMS::Key',
      Properties: {
        Description: `Swath ${stage}: what alarms say, on its way to whoever is told`,
        PendingWindowInDays: 7,
        // No yearly rotation: each of the first two costs another dollar a month, and a message lives for seconds.
        KeyPolicy: {
          Version: '2012-10-17',
          Statement: [
            { Sid: 'Account', Effect: 'Allow', Principal: owner, Action: 'kms:*', Resource: '*' },
            {
              Sid: 'Alarms',
              Effect: 'Allow',
              Principal: cloudWatch,
              Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
              Resource: '*', // in a key's policy, that key
              Condition: ofOurAlarms,
            },
          ],
        },
      },
    },
    AlarmTopic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: `swath-${stage}-alarms`, KmsMasterKeyId: { Ref: 'AlarmKey' } },
    },
    AlarmTopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'AlarmTopic' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'Alarms',
              Effect: 'Allow',
              Principal: cloudWatch,
              Action: 'sns:Publish',
              Resource: { Ref: 'AlarmTopic' },
              Condition: ofOurAlarms,
            },
            {
              Sid: 'TlsOnly',
              Effect: 'Deny',
              Principal: '*',
              Action: 'sns:Publish',
              Resource: { Ref: 'AlarmTopic' },
              Condition: { Bool: { 'aws:SecureTransport': false } },
            },
          ],
        },
      },
    },
  };
}

/** `failed-runs` is `FailedRunsAlarm`. */
const logicalId = (id: string): string => `${id.split('-').map(capitalised).join('')}Alarm`;
