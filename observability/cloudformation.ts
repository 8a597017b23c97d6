import { type Alarm, alarmName, alarmsOf, describeAlarm } from './alarms.ts';
import { dashboardOf } from './dashboard.ts';
import { dashboardBody } from './dashboardBody.ts';
import type { ObservedParameters } from './parameters.ts';
import { reference } from './substitution.ts';
import { readTimeouts } from './timeouts.ts';

type Resource = { Type: string; Properties: Record<string, unknown> };
type Template = { Resources: Record<string, Resource>; Outputs: Record<string, { Value: unknown }> };

/** What the Serverless Framework calls, through cloudformation.cjs, for an entry under `resources` in serverless.yml. */
export async function observabilityResources({
  resolveVariable,
}: {
  resolveVariable: (variable: string) => Promise<unknown>;
}): Promise<Template> {
  const text = async (variable: string) => String((await resolveVariable(variable)) ?? '');
  const number = async (variable: string) => Number(await resolveVariable(variable));
  const parameters = {
    stage: await text('sls:stage'),
    modelName: await text('param:modelName'),
    stateMachineArn: reference('Pipeline'),
    attemptLimit: await number('param:attemptLimit'),
    driftThreshold: await number('param:driftThreshold'),
    driftWindow: await number('param:driftWindow'),
    blankShareLimit: await number('param:blankShareLimit'),
    quietDaysLimit: await number('param:quietDaysLimit'),
    timeouts: readTimeouts(),
  };
  return templateOf(parameters, await text('param:alarmEmail')); // the plugin resources/parameterCheck.ts refuses wrong ones
}

/**
 * Topic, alarms and dashboard of a stage.
 *
 * @param alarmEmail who is told of alarms; nobody where it is empty or `none`
 */
export function templateOf(parameters: ObservedParameters, alarmEmail: string): Template {
  const { stage } = parameters;
  const alarms = alarmsOf(parameters).filter(({ isOn }) => isOn);
  const body = dashboardBody(dashboardOf(parameters), {
    alarmArns: alarms.map(({ id }) => reference(`${logicalId(id)}.Arn`)),
    ledgerWidgetArn: reference('LedgerWidgetLambdaFunction.Arn'),
  });
  const region = reference('AWS::Region');
  const dashboardName = `swath-${stage}`;
  return {
    Resources: {
      // Not encrypted: AWS's own key for SNS would keep alarms from publishing, without a word, and one of ours costs a
      // dollar a month. What is published are names and numbers of this service.
      AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: `swath-${stage}-alarms` } },
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
        Properties: { DashboardName: dashboardName, DashboardBody: { 'Fn::Sub': body } },
      },
    },
    Outputs: {
      // What the command line and the console read, so that they show a stage as it was deployed.
      ObservedParameters: { Value: { 'Fn::Sub': JSON.stringify(parameters) } },
      AlarmTopicArn: { Value: { Ref: 'AlarmTopic' } },
      DashboardUrl: {
        Value: {
          'Fn::Sub': `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName}`,
        },
      },
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
      AlarmDescription: describeAlarm(alarm),
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

/** `failed-runs` is `FailedRunsAlarm`. */
function logicalId(id: string): string {
  const words = id.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}Alarm`;
}
