import * as z from 'zod';
import type { AlarmState } from '../../observability/alarmState.ts';

/** SNS's event for a function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export const topicEventSchema = z.object({
  Records: z
    .array(z.object({ Sns: z.object({ TopicArn: z.string(), Subject: z.string().nullish(), Message: z.string() }) }))
    .min(1),
});
export type TopicMessage = z.output<typeof topicEventSchema>['Records'][number]['Sns'];

/** An alarm's change of state, as CloudWatch writes it. */
const changeSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  OldStateValue: z.string(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string(),
  StateChangeTime: z.string(),
});

export type AlarmChange = {
  description: string;
  before: string;
  now: Pick<AlarmState, 'name' | 'state' | 'since' | 'reason'>;
};

/** The alarm's change that a message reports; undefined for other messages. */
export function alarmChangeOf({ Message }: Pick<TopicMessage, 'Message'>): AlarmChange | undefined {
  const { success, data } = changeSchema.safeParse(jsonOf(Message));
  if (!success) return undefined;
  const { AlarmName, AlarmDescription, OldStateValue, NewStateValue, NewStateReason, StateChangeTime } = data;
  const time = new Date(StateChangeTime); // as 2026-11-14T12:05:00.159+0000
  return {
    description: AlarmDescription ?? '',
    before: OldStateValue,
    now: {
      name: AlarmName,
      state: NewStateValue,
      since: Number.isNaN(time.getTime()) ? StateChangeTime : time.toISOString(),
      reason: NewStateReason,
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
