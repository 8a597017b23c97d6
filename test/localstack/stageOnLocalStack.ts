import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { openDeployed } from '../deployed.ts';
import { credentials, environmentOf, makeDeployment, type Parameters, region } from '../deployment.ts';
import { type Account, connectStage } from '../stage.ts';
import { makeSubject } from '../suite/subject.ts';
import { swath } from '../swath.ts';
import { findEngine, reasonToSkip } from './engine.ts';
import { type At, type Here, localStackTraits, NO_SQL } from './here.ts';
import { inventory } from './inventory.ts';
import { type LocalStack, startLocalStack } from './localStack.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
export const STAGE = 'test';
/** Of the first deployment, beside those of each one. */
export const PARAMETERS = { alarmEmail: 'alarms@example.org' };

/** The parameters of each deployment of a suite, once its LocalStack is up. */
type Always = (localStack: LocalStack, account: Account) => Promise<Parameters>;

/**
 * The real serverless.yml, deployed by `sls deploy` to a LocalStack of its own, and used from outside: by tests that take the stage one
 * after the other. Where there is no LocalStack to be had, the suite is skipped, and says so.
 */
export async function stageOnLocalStack(what: string, always: Always, tests: (at: At) => void): Promise<void> {
  const engine = await findEngine().catch(reasonToSkip);
  const skip = typeof engine === 'string' && engine;
  if (skip) console.error(`SKIPPED: ${skip}`);

  describe(what, { skip }, () => {
    let localStack: LocalStack | undefined;
    let here: Here;

    before(async () => {
      if (typeof engine === 'string') return;
      const began = performance.now();
      const tell = (what: string) => console.log(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
      localStack = await startLocalStack(engine);
      tell('LocalStack is up');
      const { endpoint } = localStack;
      const account = { region, credentials, endpoint };
      const parameters = await always(localStack, account);
      const before = await inventory(account);
      const deployment = await makeDeployment(endpoint, { always: { ...NO_SQL, ...parameters } });
      await deployment.deploy(STAGE, PARAMETERS);
      tell('The stage is deployed');
      const stage = await connectStage(STAGE, account);
      const subject = await makeSubject(await openDeployed(stage, localStackTraits));
      const call = (...args: string[]) => swath(args, PROJECT, environmentOf(endpoint));
      // The sweep that the deployment has started: what it publishes would come between the first test's numbers.
      const stateMachineArn = stage.output('StateMachineArn');
      const { executions = [] } = await stage.stepFunctions.send(new ListExecutionsCommand({ stateMachineArn }));
      for (const { executionArn } of executions) await subject.stack.ended(executionArn!);
      here = { localStack, deployment, stage, subject, before, swath: call };
    });
    after(async () => {
      here?.stage.close();
      await localStack?.stop();
    });

    tests(() => here);
  });
}
