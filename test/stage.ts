import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeRuleCommand, EventBridgeClient, ListRuleNamesByTargetCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { connectTables } from '../aws/tables.ts';

/** Where a stage is, and with whose credentials: what every AWS client takes. Without an endpoint, it is AWS's own. */
export type Account = {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};

/** A rule that starts the pipeline. */
export type Trigger = { name: string; pattern: string | undefined; schedule: string | undefined };

export type Stage = Awaited<ReturnType<typeof connectStage>>;

/** A deployed stage by the AWS clients alone: what its stack says of it, and who is asked for what. */
export async function connectStage(name: string, account: Account) {
  const cloudFormation = new CloudFormationClient(account);
  const events = new EventBridgeClient(account);
  const clients = {
    cloudFormation,
    events,
    cloudWatch: new CloudWatchClient(account),
    lambda: new LambdaClient(account),
    s3: new S3Client(account),
    stepFunctions: new SFNClient(account),
    tables: connectTables(account),
  };

  let outputs = new Map<string, string>();
  await readOutputs();

  /** Looks at what the stack says once more, as after another deployment. */
  async function readOutputs(): Promise<void> {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: `swath-${name}` }));
    outputs = new Map(Stacks?.[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  }

  /** An output of the stack. */
  function output(key: string): string {
    const value = outputs.get(key);
    if (value === undefined) throw new Error(`The stack swath-${name} has no output ${key}.`);
    return value;
  }

  /** The rules that start the pipeline, found by what they start: one of them by way of the queue of arrivals, where there is one. */
  async function triggers(): Promise<Trigger[]> {
    const pipeline = output('StateMachineArn');
    const queue = pipeline.replace(/:states:(.*):stateMachine:.*/, `:sqs:$1:swath-${name}-arrivals`);
    const found = [pipeline, queue].map((TargetArn) => events.send(new ListRuleNamesByTargetCommand({ TargetArn })));
    const RuleNames = (await Promise.all(found)).flatMap(({ RuleNames = [] }) => RuleNames);
    const rules = await Promise.all(RuleNames.map((Name) => events.send(new DescribeRuleCommand({ Name }))));
    return rules.map(({ Name = '', EventPattern: pattern, ScheduleExpression: schedule }) => ({
      name: Name,
      pattern,
      schedule,
    }));
  }

  return {
    name,
    account,
    ...clients,
    output,
    readOutputs,
    /** What starts the pipeline for a file that arrives. */
    arrivals: async () => found(await triggers(), 'pattern'),
    /** What starts the sweep. */
    sweepRule: async () => found(await triggers(), 'schedule'),
    functionName: (of: string) => `swath-${name}-${of}`,
    close: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

function found<Kind extends 'pattern' | 'schedule'>(triggers: Trigger[], kind: Kind) {
  const rule = triggers.find((trigger) => trigger[kind] !== undefined);
  if (rule === undefined) throw new Error(`No rule with a ${kind} starts the pipeline.`);
  return { name: rule.name, [kind]: rule[kind] } as { name: string } & Record<Kind, string>;
}
