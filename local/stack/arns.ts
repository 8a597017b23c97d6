/** The laptop's own names in the form of ARNs. */
const PREFIX = 'arn:aws:states:us-east-1:000000000000';
const NAME = 'swath-local-pipeline';
export const STATE_MACHINE_ARN = `${PREFIX}:stateMachine:${NAME}`;
export const executionArn = (name: string): string => `${PREFIX}:execution:${NAME}:${name}`;
