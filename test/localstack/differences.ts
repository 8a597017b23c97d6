/**
 * Where LocalStack 4.14 does something else than AWS, as far as this service or its tests come across it. A test that
 * makes allowance for one names it; one that can see it says so in its title and fails once it is gone, so that the
 * allowance goes, too. What would only fail a test now and then is mended in LocalStack itself, by mendLocalStack.py.
 */
export const differences = {
  encodedKeys: 'S3 percent-encodes the keys in its events for EventBridge; in an account they are as they are',
  deafToDisabling: 'a rule that is disabled goes on matching events',
  metricsByTheSecond:
    'CloudWatch keeps each number by its second, readable at once; in an account by the minute, later',
  noStatesMetrics: 'Step Functions publishes no metrics, so that an alarm on AWS/States would never go off',
  deafToPercentiles: 'an alarm on a percentile is never evaluated',
  everyoneMayDoAll: 'neither roles nor bucket policies are enforced',
  alarmsOverThreePeriods: 'an alarm is looked at once a period since its creation, over the last three periods',
  noSql: 'there is neither Glue nor Athena, in the community edition',
  schedulesByOwnTick:
    'a schedule counts from when its targets are put, is looked at once a minute, and goes on after its rule was changed',
  updatesLeftOut: 'CloudFormation says that it has changed an alarm, a rule or a bucket, and has left it as it was',
  timeoutsMisnamed:
    'a task that runs out of time within a Map ends as States.Runtime, with a sentence about the name States.Timeout',
} as const;

/** The title of a test that sees a difference. */
export const sees = (difference: keyof typeof differences) => `LocalStack differs: ${differences[difference]}`;
