import * as z from 'zod';
import { InvalidWebhook, jsonIn } from '../../core/base/errors.ts';
import { type LogFields, makeStep } from '../../core/base/step.ts';
import { webhookAddress } from '../../core/parameters/webhookAddress.ts';
import { alarmNotice, isNews } from '../../observability/alarmNotice.ts';
import { type Alarm, alarmName, WEBHOOK_ALARM } from '../../observability/alarms.ts';
import { plainMessage, slackMessage } from '../../observability/slackMessage.ts';
import type { Post } from './postToWebhook.ts';

export type WebhookPorts = {
  stage: string;
  /** The alarms of this stage, with more detail than CloudWatch's messages have. */
  alarms: readonly Alarm[];
  dashboardUrl: string;
  /** The name of the SSM parameter that holds the webhook's address, and how to read it. */
  parameter: string;
  readSecret: () => Promise<string | undefined>;
  post: Post;
};

/** The function webhook: takes messages of the alarms' topic, and posts them to a chat channel. */
export const webhookStep = (ports: WebhookPorts) =>
  makeStep('webhook', topicEventSchema, async ({ Records }, _invocation, log) => {
    // SNS sends one record at a time: with several, a retry by Lambda would post those before the failed one again.
    for (const { Sns } of Records) {
      const message = messageOf(ports, Sns, log);
      // Read for each message, since alarms are few and the address may have been changed.
      if (message !== undefined) await ports.post(await readAddress(ports), message);
    }
  });

function messageOf({ stage, alarms, dashboardUrl }: WebhookPorts, sent: TopicMessage, log: LogFields) {
  const change = changeSchema.safeParse(jsonIn(sent.Message)).data;
  if (change === undefined)
    return plainMessage(sent.Subject || `From ${sent.TopicArn.split(':').at(-1)}`, sent.Message);
  const { before, now, description } = change;
  Object.assign(log, { alarm: now.name, state: now.state });
  if (now.name === alarmName(stage, WEBHOOK_ALARM)) log['passedOver'] = 'the alarm on the webhook itself';
  else if (!isNews(before, now.state)) log['passedOver'] = 'OK for the first time';
  if (log['passedOver'] !== undefined) return undefined;
  const alarm = alarms.find(({ id }) => alarmName(stage, id) === now.name) ?? { description };
  return slackMessage(alarmNotice(alarm, before, now, { causes: [], dashboardUrl }));
}

async function readAddress({ parameter, readSecret }: Pick<WebhookPorts, 'parameter' | 'readSecret'>): Promise<URL> {
  const secret = await readSecret();
  const put = `aws ssm put-parameter --type SecureString --overwrite --name ${parameter} --value ADDRESS`;
  if (secret === undefined)
    throw new InvalidWebhook(`There is no SSM parameter ${parameter}, which is to hold the webhook's address: ${put}`);
  const address = webhookAddress(secret);
  if (address !== undefined) return address;
  throw new InvalidWebhook(
    `The SSM parameter ${parameter} holds no address of a webhook, which begins with https:// and has no user in it: ${put}`,
  );
}

/** SNS's event for a function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
const topicEventSchema = z.object({
  Records: z
    .array(z.object({ Sns: z.object({ TopicArn: z.string(), Subject: z.string().nullish(), Message: z.string() }) }))
    .min(1),
});
type TopicMessage = z.output<typeof topicEventSchema>['Records'][number]['Sns'];

const changeSchema = z
  .object({
    AlarmName: z.string(),
    AlarmDescription: z.string().nullish(),
    OldStateValue: z.string(),
    NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
    NewStateReason: z.string(),
    StateChangeTime: z.string(),
  })
  .transform(({ AlarmName: name, NewStateValue: state, NewStateReason: reason, StateChangeTime, ...change }) => {
    const time = new Date(StateChangeTime); // as 2026-11-14T12:05:00.159+0000
    const since = Number.isNaN(time.getTime()) ? StateChangeTime : time.toISOString();
    return {
      description: change.AlarmDescription ?? '',
      before: change.OldStateValue,
      now: { name, state, since, reason },
    };
  });
