/** @param region is undefined if it is the one that commands use by default */
export function nextSteps(
  { stage, region }: { stage: string; region: string | undefined },
  parameter: (name: string) => string,
  { DashboardUrl, ApiUrl, ApiKeyId }: Record<string, string>,
): string[] {
  const [alarmEmail, alarmWebhook, modelName] = ['alarmEmail', 'alarmWebhook', 'modelName'].map(parameter);
  const inRegion = region === undefined ? '' : ` --region ${region}`;
  const where = `--stage ${stage}${inRegion}`;
  const isBundled = modelName === 'droughtwatch-baseline';
  return [
    alarmEmail !== 'none' && `confirm the subscription: AWS has written to ${alarmEmail}`,
    alarmWebhook !== '' &&
      `store the webhook's address, unless it is stored already: aws ssm put-parameter --type SecureString --name ${alarmWebhook}${inRegion} --value ADDRESS`,
    alarmEmail === 'none' &&
      `nobody is notified of alarms${alarmWebhook === '' ? '' : ' where the webhook fails'}: deploy with --param="alarmEmail=…" to change that`,
    `publish ${isBundled ? 'a model' : modelName} and promote it: npx swath model publish ${isBundled ? 'models/droughtwatch-baseline/1.1.0' : 'FOLDER'} --promote ${where}`,
    `send a file: npx swath send ${isBundled ? 'samples/droughtwatch/part-r-00012' : 'FILE'} ${where}`,
    ApiUrl && `ask for predictions over HTTP: ${ApiUrl}/docs is a page to try it`,
    ApiKeyId &&
      `get the key that they need: aws apigateway get-api-key --api-key ${ApiKeyId} --include-value --query value --output text${inRegion}`,
    `open the dashboard: ${DashboardUrl ?? `npx swath console ${where}`}`,
    `check the installation: npx swath doctor ${where}`,
  ].filter((step) => typeof step === 'string');
}
