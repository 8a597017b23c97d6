type Deployed = {
  stage: string;
  /** Where it is not the one that the commands take by themselves. */
  region: string | undefined;
  alarmEmail: string;
  dashboardUrl: string | undefined;
};

/** What a person does after a deployment, in lines to copy. */
export function nextSteps({ stage, region, alarmEmail, dashboardUrl }: Deployed): string[] {
  const where = `--stage ${stage}${region === undefined ? '' : ` --region ${region}`}`;
  return [
    ...(alarmEmail === 'none'
      ? ['nobody is told of alarms: deploy with --param="alarmEmail=…" to change that']
      : [`confirm the subscription: AWS has written to ${alarmEmail}`]),
    `publish a model and promote it: npx swath model publish models/droughtwatch-baseline/1.0.0 --promote ${where}`,
    `send a file: npx swath send samples/droughtwatch/part-r-00012 ${where}`,
    `open the dashboard: ${dashboardUrl ?? `npx swath console ${where}`}`,
    `see that all is well: npx swath doctor ${where}`,
  ];
}
