import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SFNClient } from '@aws-sdk/client-sfn';
import { executionsOf } from '../functions/shared/aws/executions.ts';
import { connectTables } from '../functions/shared/aws/tables.ts';
import { makeLedger } from '../functions/shared/ledger.ts';
import { WrongUse } from './failure.ts';
import type { Service, Where } from './ledger.ts';

/** A deployed stage, found by the outputs of its CloudFormation stack, with the caller's own AWS credentials. */
export async function openStage(stage: string, { region, profile }: Where): Promise<Service> {
  const config = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const outputs = await readOutputs(stage, new CloudFormationClient(config));
  const tables = connectTables(config);
  return {
    ledger: makeLedger(tables, outputs('LedgerTable')),
    executions: executionsOf(outputs('StateMachineArn'), new SFNClient(config)),
    results: null,
    idle: async () => {},
    close: async () => tables.destroy(),
  };
}

async function readOutputs(stage: string, client: CloudFormationClient): Promise<(key: string) => string> {
  const StackName = `swath-${stage}`;
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName })).catch((error: Error) => {
    throw explained(error, StackName);
  });
  return (key) => {
    const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (output === undefined) throw new WrongUse(`the stack ${StackName} has no output ${key}; deploy it again.`);
    return output;
  };
}

/** The usual reasons why nothing is found, each with the way out. */
function explained(error: Error, stack: string): Error {
  const wrong = (message: string) => new WrongUse(message, { cause: error });
  if (/does not exist/.test(error.message))
    return wrong(
      `there is no stack ${stack} in this account and region. Deploy it, or name another --stage or --region.`,
    );
  if (
    error.name === 'CredentialsProviderError' ||
    /credentials|security token|ExpiredToken/i.test(error.name + error.message)
  )
    return wrong(`AWS does not take your credentials (${error.message}). Log in, or name another --profile.`);
  if (/region/i.test(error.message)) return wrong('no AWS region is set. Name one with --region, or set AWS_REGION.');
  return error;
}
