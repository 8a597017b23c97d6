import { type DynamoDBDocument, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { modelRefSchema, sceneRefSchema } from './messages.ts';

const DUE = 'sweep#due';
const JUDGED = { scene: 'sweep#judged', model: '-' };

const landingSchema = z.object({ scene: sceneRefSchema, model: modelRefSchema, at: z.iso.datetime() });
const dueSchema = z.object({ day: z.iso.date(), mark: z.string(), landing: landingSchema.optional() });
/** A closed day whose numbers have to be looked at again, and which attempt said so: of which run, and when. */
export type DueDay = z.infer<typeof dueSchema>;
export type DueDays = ReturnType<typeof makeDueDays>;
const judgedSchema = z.object({ judgedUntil: z.iso.date() });

/** Which closed days the next sweep has to judge: those after the last one judged, and those that runs landed in late. */
export function makeDueDays(table: DynamoDBDocument, TableName: string) {
  /** Written before the run counts, so that none can count without the day's next judgement. Each mark is a row of its own. */
  async function markDue(day: string, mark: string, landing?: DueDay['landing']): Promise<void> {
    const about = { day, mark, landing };
    await table.put({ TableName, Item: { ...keyOf(about), ...about } });
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

  /** A day is due no more for this mark's sake; other marks stay. */
  async function clearDue(due: DueDay): Promise<void> {
    await table.delete({ TableName, Key: keyOf(due) });
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

function keyOf({ day, mark }: Pick<DueDay, 'day' | 'mark'>) {
  return { scene: DUE, model: `${day}#${mark}` };
}
