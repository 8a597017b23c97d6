type Deployed = {
  stage: string;
  /** Set if it is not the region that the commands use by default. */
  region: string | undefined;
  alarmEmail: string;
  modelName: string;
  /** The SSM parameter with the address of the alarms' webhook; empty if there is none. */
  alarmWebhook: string;
  dashboardUrl: string | undefined;
  api: { url: string; keyId: string } | undefined;
};

const BUNDLED = {
  name: 'droughtwatch-baseline',
  folder: 'models/droughtwatch-baseline/1.1.0',
  scene: 'samples/droughtwatch/part-r-00012',
};

export function nextSteps(deployed: Deployed): string[] {
  const { stage, region, alarmEmail, alarmWebhook, modelName, dashboardUrl, api } = deployed;
  const inRegion = region === undefined ? '' : ` --region ${region}`;
  const where = `--stage ${stage}${inRegion}`;
  const isBundled = modelName === BUNDLED.name;
  return [
    alarmEmail !== 'none' && `confirm the subscription: AWS has written to ${alarmEmail}`,
    alarmWebhook !== '' &&
      `store the webhook's address, unless it is stored already: aws ssm put-parameter --type SecureString --name ${alarmWebhook}${inRegion} --value ADDRESS`,
    alarmEmail === 'none' &&
      `nobody is notified of alarms${alarmWebhook === '' ? '' : ' where the webhook fails'}: deploy with --param="alarmEmail=…" to change that`,
    `publish ${isBundled ? 'a model' : modelName} and promote it: npx swath model publish ${isBundled ? BUNDLED.folder : 'FOLDER'} --promote ${where}`,
    `send a file: npx swath send ${isBundled ? BUNDLED.scene : 'FILE'} ${where}`,
    api && `ask for predictions over HTTP: ${api.url}/docs is a page to try it`,
    api &&
      `get the key that they need: aws apigateway get-api-key --api-key ${api.keyId} --include-value --query value --output text${inRegion}`,
    `open the dashboard: ${dashboardUrl ?? `npx swath console ${where}`}`,
    `check the installation: npx swath doctor ${where}`,
  ].filter((step) => step !== false && step !== undefined);
}
