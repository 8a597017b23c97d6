import { inOrder } from '../concurrency/inOrder.ts';
import type { RunRef, SceneRef } from '../messages.ts';
import { runId, sceneId } from '../run.ts';
import { keyOfRun } from './ledgerItem.ts';
import { isWritten, type TableWith } from './table.ts';
import { makeAddWaitingDuplicate, makeWaitingDuplicatesOf } from './waitingDuplicates.ts';

const AT_ONCE = 32;

type Named = { scene: SceneRef; model: RunRef['model']; owner: string; term: number };
type Condition = { expression: string; values: Record<string, unknown> };

/** Names an owner in the row of a duplicate, unless that names one of the same term or a later one. */
export async function rename(
  table: TableWith<'update'>,
  TableName: string,
  { scene, model, owner, term }: Named,
  { expression, values }: Condition,
): Promise<void> {
  const isEarlier = '(attribute_not_exists(ownerTerm) OR ownerTerm < :term)';
  await isWritten(
    table.update({
      TableName,
      Key: keyOfRun(scene, model),
      UpdateExpression: 'SET duplicateOf = :owner, ownerTerm = :term',
      ConditionExpression: `${expression} AND ${isEarlier}`,
      ExpressionAttributeValues: { ':owner': owner, ':term': term, ...values },
    }),
  );
}

/** Renames duplicates when their content passes to another run. See `claimContent` for the time line. */
export function makeRenameDuplicates(
  table: TableWith<'put' | 'query' | 'update'>,
  TableName: string,
  requestDays = Infinity,
) {
  const { addWaitingDuplicate } = makeAddWaitingDuplicate(table, TableName, requestDays);
  const { waitingDuplicatesOf } = makeWaitingDuplicatesOf(table, TableName);

  /** Has all that wait for former owners of a content wait for the run that owns it now, and name it. */
  async function renameDuplicates(former: readonly string[], { id, scene, model, day }: RunRef, term: number) {
    const waiting = new Map<string, SceneRef>();
    for (const owner of former)
      for await (const duplicate of waitingDuplicatesOf(owner)) waiting.set(sceneId(duplicate), duplicate);
    waiting.delete(sceneId(scene));
    const namesOne = {
      expression: `duplicateOf IN (${former.map((_, i) => `:former${i}`).join(', ')})`,
      values: Object.fromEntries(former.map((owner, i) => [`:former${i}`, owner])),
    };
    const renameOne = async (duplicate: SceneRef) => {
      await addWaitingDuplicate(id, { id: runId(duplicate, model), scene: duplicate, day });
      await rename(table, TableName, { scene: duplicate, model, owner: id, term }, namesOne);
    };
    for await (const _renamed of inOrder(waiting.values(), AT_ONCE, renameOne));
  }

  return { renameDuplicates };
}
