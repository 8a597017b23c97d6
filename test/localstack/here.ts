import type { Traits } from '../deployed.ts';
import type { Stage } from '../stage.ts';
import type { Subject } from '../suite/subject.ts';
import type { Deployment } from './deployment.ts';
import type { LocalStack } from './localStack.ts';

/** The stage on LocalStack that the tests take one after the other. */
export type Here = {
  localStack: LocalStack;
  deployment: Deployment;
  stage: Stage;
  subject: Subject;
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
