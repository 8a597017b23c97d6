import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { functionIn } from './functions.ts';
import { grantsOf } from './permissions.ts';
import { kindsOf, propertiesOf, type Template } from './template.ts';

const definitionSchema = z.looseObject({
  JobDefinitionName: z.string(),
  RetryStrategy: z.unknown(),
  Timeout: z.unknown(),
  ContainerProperties: z.looseObject({
    Environment: z.array(z.strictObject({ Name: z.string(), Value: z.string() })),
    ResourceRequirements: z.unknown(),
  }),
});

/**
 * What the parameter batchImage deploys, here for jobs with GPUs.
 *
 * @param plain the template without it
 */
export function checkBatch(template: Template, plain: Template): void {
  const here = 'us-east-1:123456789012';
  const grants = (of: Template, role: string) =>
    grantsOf(of)
      .filter((grant) => grant.role === role)
      .map(({ action, resource }) => `${action} ${resource}`);

  describe('jobs', () => {
    const job = propertiesOf(template, 'WorkDefinition', definitionSchema);

    it('are what the parameter deploys, and without it the state machine may start none', () => {
      const added = Object.entries(template.Resources).filter(([id]) => /^Work/.test(id));
      const environments = 'Batch::ComputeEnvironment, Batch::ComputeEnvironment';
      assert.equal(
        kindsOf(added),
        `${environments}, Batch::JobDefinition, Batch::JobQueue, EC2::LaunchTemplate, IAM::InstanceProfile, IAM::Role, IAM::Role, IAM::Role, Logs::LogGroup`,
      );
      assert.deepEqual(
        Object.keys(plain.Resources).filter((id) => /^Work/.test(id)),
        [],
      );
      assert.doesNotMatch(JSON.stringify(plain.Resources['PipelineRole']), /batch:/);
    });

    it('have the environment of the function infer, and the region, which Lambda has by itself', () => {
      assert.deepEqual(
        Object.fromEntries(job.ContainerProperties.Environment.map(({ Name, Value }) => [Name, Value])),
        { ...functionIn(template, 'infer').Environment.Variables, AWS_REGION: 'us-east-1' },
      );
    });

    it('may do what infer may, but for its log', () => {
      const ofInfer = grants(template, 'InferRole').filter((grant) => !grant.startsWith('logs:'));
      assert.deepEqual(grants(template, 'WorkRole'), ofInfer);
    });

    it('are tried again if their instance is taken back, or if they ask for it, and else not', () => {
      assert.deepEqual(job.RetryStrategy, {
        Attempts: 10,
        EvaluateOnExit: [
          { OnStatusReason: 'Host EC2*', Action: 'RETRY' },
          { OnExitCode: '75', Action: 'RETRY' },
          { OnReason: '*', Action: 'EXIT' },
        ],
      });
      assert.deepEqual(job.Timeout, { AttemptDurationSeconds: 4 * 3600 });
    });

    it('run on Spot instances first, and from none to none', () => {
      const { ComputeEnvironmentOrder } = propertiesOf(
        template,
        'WorkQueue',
        z.looseObject({ ComputeEnvironmentOrder: z.unknown() }),
      );
      assert.deepEqual(ComputeEnvironmentOrder, [
        { Order: 1, ComputeEnvironment: 'swath-dev-spot' },
        { Order: 2, ComputeEnvironment: 'swath-dev-on-demand' },
      ]);
      for (const id of ['WorkOnSpot', 'WorkOnDemand'])
        assert.partialDeepStrictEqual(template.Resources[id]!.Properties, {
          ComputeResources: { MinvCpus: 0, MaxvCpus: 64, InstanceTypes: ['g4dn', 'g6'] },
        });
      assert.deepEqual(job.ContainerProperties.ResourceRequirements, [
        { Type: 'VCPU', Value: '4' },
        { Type: 'MEMORY', Value: '16384' },
        { Type: 'GPU', Value: '1' },
      ]);
    });

    it('are started by the state machine on its own queue alone, and by their own definition', () => {
      const added = grants(template, 'PipelineRole').filter((grant) => !grants(plain, 'PipelineRole').includes(grant));
      const rule = `arn:aws:events:${here}:rule/StepFunctionsGetEventsForBatchJobsRule`;
      assert.deepEqual(added, [
        `batch:SubmitJob arn:aws:batch:${here}:job-queue/swath-dev-work`,
        `batch:SubmitJob arn:aws:batch:${here}:job-definition/${job.JobDefinitionName}`,
        `batch:SubmitJob arn:aws:batch:${here}:job-definition/${job.JobDefinitionName}:*`,
        'batch:DescribeJobs *',
        `batch:TerminateJob arn:aws:batch:${here}:job/*`,
      ]);
      // Without these, the state machine would be refused, whether there are jobs or not.
      for (const action of ['PutTargets', 'PutRule', 'DescribeRule'])
        assert.ok(grants(plain, 'PipelineRole').includes(`events:${action} ${rule}`));
    });
  });
}
