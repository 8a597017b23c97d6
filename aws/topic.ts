import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Notice } from '../core/releases/watchAlias.ts';
import { patience } from './patience.ts';

/** Subjects of e-mails: ASCII, and at most so many letters. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MOST_SUBJECT_LETTERS = 100;

export function tellTopic(TopicArn: string, stage: string, client = new SNSClient(patience)) {
  return async ({ subject, text }: Notice): Promise<void> => {
    const Subject = `Swath ${stage}: ${subject}`.replace(/[^ -~]/g, '?').slice(0, MOST_SUBJECT_LETTERS);
    await client.send(new PublishCommand({ TopicArn, Subject, Message: text }));
  };
}
