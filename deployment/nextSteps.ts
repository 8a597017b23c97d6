type Deployed = {
  stage: string;
  /** Where it is not the one that the commands take by themselves. */
  region: string | undefined;
  alarmEmail: string;
  /** The SSM parameter that holds the address of the alarms' webhook; empty where there is none. */
  alarmWebhook: string;
  dashboardUrl: string | undefined;
};

/** What a person does after a deployment, in lines to copy. */
export function nextSteps({ stage, region, alarmEmail, alarmWebhook, dashboardUrl }: Deployed): string[] {
  const where = `--stage ${stage}${region === undefined ? '' : ` --region ${region}`}`;
  return [
    ...(alarmEmail !== 'none' ? [`confirm the subscription: AWS has written to ${alarmEmail}`] : []),
    ...(alarmWebhook !== ''
      ? [
          `put the webhook's address where it is read, unless it is there: aws ssm put-parameter --type SecureString --name ${alarmWebhook}${region === undefined ? '' : ` --region ${region}`} --value ADDRESS`,
        ]
      : []),
    ...(alarmEmail === 'none'
      ? [
          `nobody is told of alarms${alarmWebhook === '' ? '' : ' where the webhook fails'}: deploy with --param="alarmEmail=…" to change that`,
        ]
      : []),
    `publish a model and promote it: npx swath model publish models/droughtwatch-baseline/1.0.0 --promote ${where}`,
    `send a file: npx swath send samples/droughtwatch/part-r-00012 ${where}`,
    `open the dashboard: ${dashboardUrl ?? `npx swath console ${where}`}`,
    `see that all is well: npx swath doctor ${where}`,
  ];
}
