/** Names of the laptop's own, in AWS's form. */
const PREFIX = 'arn:aws:states:us-east-1:000000000000';
const NAME = 'swath-local-pipeline';

export const STATE_MACHINE_ARN = `${PREFIX}:stateMachine:${NAME}`;

/** The ARN that the execution of a name has. */
export function executionArn(name: string): string {
  return `${PREFIX}:execution:${NAME}:${name}`;
}
