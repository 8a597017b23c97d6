import type { Stack } from '@aws-sdk/client-cloudformation';

/** The outputs of a CloudFormation stack, by their keys; none of a stack that there is not. */
export const outputsOf = (stack: Stack | undefined): Record<string, string> =>
  Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
