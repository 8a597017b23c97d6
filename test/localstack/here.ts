import type { Traits } from '../deployed.ts';
import type { Deployment } from '../deployment.ts';
import type { Stage } from '../stage.ts';
import type { Subject } from '../suite/subject.ts';
import type { Ended } from '../swath.ts';
import type { LocalStack } from './localStack.ts';

/** The stage on LocalStack that the tests take one after the other. */
export type Here = {
  localStack: LocalStack;
  deployment: Deployment;
  stage: Stage;
  subject: Subject;
  /** What the account held before the stage was deployed. */
  before: string[];
  /** Runs the command line to its end, with the account's credentials. */
  swath: (...args: string[]) => Promise<Ended>;
};

/** What a test takes it from, once it is up. */
export type At = () => Here;

/** LocalStack as an account: see `encodedKeys` and `metricsByTheSecond` among the differences. */
export const localStackTraits: Traits = {
  spell: (name) => name.replace(/[^\w/.-]/g, '-'),
  metricSeconds: 1,
  ruleSeconds: 0.5,
  pollSeconds: 0.2,
};

/** See `noSql` among the differences. */
export const NO_SQL = { sqlTables: 'false' };
