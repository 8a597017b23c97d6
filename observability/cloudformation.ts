import { capitalised } from '../core/base/text/capitalised.ts';
import { type Alarm, alarmName, alarmsOf, dashboardName, dashboardUrl, describeAlarm } from './alarms.ts';
import { dashboardOf } from './dashboard.ts';
import { dashboardBody, reference } from './dashboardBody.ts';
import { type Ask, askObserved, type ObservedParameters } from './parameters.ts';

type Resource = { Type: string; Properties: Record<string, unknown> };
type Template = { Resources: Record<string, Resource>; Outputs: Record<string, { Value: unknown }> };

/** Called by the Serverless Framework, through cloudformation.cjs, for an entry under `resources` in serverless.yml. */
export async function observabilityResources({ resolveVariable }: { resolveVariable: Ask }): Promise<Template> {
  // The plugin deployment/plugin.ts refuses invalid ones.
  const parameters = await askObserved(resolveVariable, reference('Pipeline'));
  return templateOf(parameters, String(await resolveVariable('aws:region')));
}

/** Makes the alarms and the dashboard of a stage. The alarms' topic is in resources/alarmTopic.yml. */
export function templateOf(parameters: ObservedParameters, deployed: string): Template {
  const { stage } = parameters;
  const alarms = alarmsOf(parameters).filter(({ isOn }) => isOn);
  const alarmArns = alarms.map(({ id }) => reference(`${logicalId(id)}.Arn`));
  const body = dashboardBody(dashboardOf(parameters), alarmArns);
  const region = reference('AWS::Region');
  const url = dashboardUrl(stage, region, deployed);
  return {
    Resources: {
      ...Object.fromEntries(alarms.map((alarm) => [logicalId(alarm.id), alarmResource(stage, alarm, url)])),
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardName: { 'Fn::Sub': dashboardName(stage, region) }, DashboardBody: { 'Fn::Sub': body } },
      },
    },
    Outputs: {
      // Read by the command line and the console, so that they show a stage as it was deployed.
      ObservedParameters: { Value: { 'Fn::Sub': JSON.stringify(parameters) } },
      DashboardUrl: { Value: { 'Fn::Sub': url } },
    },
  };
}

function alarmResource(stage: string, alarm: Alarm, dashboard: string): Resource {
  const { metric, statistic } = alarm;
  const told = [{ Ref: 'AlarmTopic' }];
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarmName(stage, alarm.id),
      // E-mails of CloudWatch have no other address of a page.
      AlarmDescription: { 'Fn::Sub': `${describeAlarm(alarm)} Dashboard: ${dashboard}` },
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      ...(/^p\d/.test(statistic) ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
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
const logicalId = (id: string): string => `${id.split('-').map(capitalised).join('')}Alarm`;
