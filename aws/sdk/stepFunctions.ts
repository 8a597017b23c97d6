/** What the service takes of Step Functions' client, as a file that is loaded when it is needed: of the package, that would be all of it. */
export {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
