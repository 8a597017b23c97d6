import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocument, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';

const DUE = 'sweep#due';
const JUDGED = { scene: 'sweep#judged', model: '-' };

const dueSchema = z.object({ day: z.iso.date(), mark: z.string() });
/** A closed day whose numbers have to be looked at again, and the latest run that said so. */
export type DueDay = z.infer<typeof dueSchema>;
export type DueDays = ReturnType<typeof makeDueDays>;
const judgedSchema = z.object({ judgedUntil: z.iso.date() });

/** Which closed days the next sweep has to judge: those after the last one judged, and those that runs landed in late. */
export function makeDueDays(table: DynamoDBDocument, TableName: string) {
  /** Written before the run counts, so that none can count without the day's next judgement. */
  async function markDue(day: string, mark: string): Promise<void> {
    await table.put({ TableName, Item: { scene: DUE, model: day, day, mark } });
  }

  async function dueDays(): Promise<DueDay[]> {
    const due: DueDay[] = [];
    const request = {
      TableName,
      KeyConditionExpression: 'scene = :due',
      ExpressionAttributeValues: { ':due': DUE },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client: table }, request))
      due.push(...Items.map((item) => dueSchema.parse(item)));
    return due;
  }

  /** A day is due no more, unless a run has landed in it since it was looked up. */
  async function clearDue({ day, mark }: DueDay): Promise<void> {
    try {
      await table.delete({
        TableName,
        Key: { scene: DUE, model: day },
        ConditionExpression: 'mark = :mark',
        ExpressionAttributeValues: { ':mark': mark },
      });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** The last day that was judged or marked, as all before it were; null where none ever was. */
  async function judgedUntil(): Promise<string | null> {
    const { Item } = await table.get({ TableName, Key: JUDGED, ConsistentRead: true });
    return Item === undefined ? null : judgedSchema.parse(Item).judgedUntil;
  }

  async function setJudgedUntil(day: string): Promise<void> {
    await table.put({ TableName, Item: { ...JUDGED, judgedUntil: day } });
  }

  return { markDue, dueDays, clearDue, judgedUntil, setJudgedUntil };
}
