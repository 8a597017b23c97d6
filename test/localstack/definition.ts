import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { readDefinition } from '../../local/stack/service.ts';
import { alarmName, alarmsOf, describeAlarm } from '../../observability/alarms.ts';
import { dashboardOf } from '../../observability/dashboard.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { propertiesOf, resolveTemplate } from '../packaged/template.ts';
import { sees } from './differences.ts';
import type { At } from './here.ts';

/** What is deployed is what the embedded stack reads from the same files. */
export function definition(at: At): void {
  const observed = () => observedParametersSchema.parse(JSON.parse(at().stage.output('ObservedParameters')));

  describe('the deployed stage', () => {
    test('has the definition that runs on a laptop, with each function at its exact version', async () => {
      const { stage } = at();
      const stateMachineArn = stage.output('StateMachineArn');
      const { definition, type } = await stage.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
      const versioned = new RegExp(`:function:${stage.functionName('')}(\\w+):\\d+$`);
      const deployed = JSON.parse(definition!, (key, value) => {
        if (key === 'QueryLanguage') return undefined; // the default, which the plugin spells out in each state
        return typeof value === 'string' ? value.replace(versioned, ':function:$1') : value;
      });
      assert.deepEqual([deployed, type], [readDefinition(), 'STANDARD']);
    });

    test('has the alarms of a laptop, and they publish to the topic', async () => {
      const { stage } = at();
      const topic = stage.output('AlarmTopicArn');
      const request = new DescribeAlarmsCommand({ AlarmNamePrefix: alarmName(stage.name, '') });
      const { MetricAlarms = [] } = await stage.cloudWatch.send(request);
      const found = MetricAlarms.map((alarm) => ({
        name: alarm.AlarmName,
        description: alarm.AlarmDescription,
        metric: {
          namespace: alarm.Namespace,
          name: alarm.MetricName,
          dimensions: Object.fromEntries(alarm.Dimensions!.map(({ Name, Value }) => [Name, Value])),
        },
        statistic: alarm.Statistic ?? alarm.ExtendedStatistic,
        periodSeconds: alarm.Period,
        evaluationPeriods: alarm.EvaluationPeriods,
        datapointsToAlarm: alarm.DatapointsToAlarm,
        comparison: alarm.ComparisonOperator,
        threshold: alarm.Threshold,
        missing: alarm.TreatMissingData,
        tells: [alarm.AlarmActions, alarm.OKActions],
      }));
      const wanted = alarmsOf(observed())
        .filter(({ isOn }) => isOn)
        .map((alarm) => ({
          name: alarmName(stage.name, alarm.id),
          description: `${describeAlarm(alarm)} Dashboard: ${stage.output('DashboardUrl')}`,
          metric: alarm.metric,
          statistic: alarm.statistic,
          periodSeconds: alarm.periodSeconds,
          evaluationPeriods: alarm.evaluationPeriods,
          datapointsToAlarm: alarm.datapointsToAlarm,
          comparison: alarm.comparison,
          threshold: alarm.threshold,
          missing: alarm.missing,
          tells: [[topic], alarm.tellsWhenOver ? [topic] : []],
        }));
      const byName = (one: { name: string | undefined }, other: { name: string | undefined }) =>
        one.name! < other.name! ? -1 : 1;
      assert.deepEqual(found.sort(byName), wanted.sort(byName));
    });

    test(sees('noDashboard'), async () => {
      const { cloudWatch } = at().stage;
      assert.deepEqual((await cloudWatch.send(new ListDashboardsCommand({}))).DashboardEntries, []);
    });

    test('has a dashboard of all panels, whose body CloudWatch takes', async () => {
      const { name, cloudFormation, cloudWatch } = at().stage;
      const { TemplateBody } = await cloudFormation.send(new GetTemplateCommand({ StackName: `swath-${name}` }));
      const template = resolveTemplate(JSON.parse(TemplateBody!));
      const { DashboardName, DashboardBody } = propertiesOf(template, 'Dashboard', dashboardSchema);
      const shown = bodySchema.parse(JSON.parse(DashboardBody)).widgets.map(({ properties: { title } }) => title);
      for (const { title } of dashboardOf(observed()).flatMap(({ panels }) => panels))
        assert.ok(shown.includes(title), title);

      const put = new PutDashboardCommand({ DashboardName, DashboardBody });
      assert.deepEqual((await cloudWatch.send(put)).DashboardValidationMessages ?? [], []);
      const kept = await cloudWatch.send(new GetDashboardCommand({ DashboardName }));
      assert.deepEqual(JSON.parse(kept.DashboardBody!), JSON.parse(DashboardBody));
      await cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: [DashboardName] }));
    });
  });
}

const dashboardSchema = z.object({ DashboardName: z.string(), DashboardBody: z.string() });
const bodySchema = z.object({
  widgets: z.array(z.object({ properties: z.looseObject({ title: z.string().optional() }) })),
});
