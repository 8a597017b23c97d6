import { counted } from '../../charts/format.ts';
import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import { isSafeName, safeNameRule } from '../../core/base/names.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import type { FeatureRecord } from '../../core/features/contract.ts';
import type { Put } from '../../core/features/featureTable.ts';
import { type Where, withService } from '../service/ledger.ts';
import { bold, dim, print, printable, refused, showProgress, table, WrongUse } from '../terminal/output.ts';
import { readFeatureFile } from './readFeatureFile.ts';

type PutOptions = Where & { group: string; id: string; eventTime: string; at?: string };

const WRITES_AT_ONCE = 32;
const MOST_TOLD = 10;

/** `swath features put FILE`: stores the records of a table. */
export async function put(file: string, { group, id, eventTime, at, ...where }: PutOptions): Promise<void> {
  assertGroup(group);
  const puts: Record<Put, number> = { new: 0, same: 0, older: 0, other: 0 };
  const refusals: string[] = [];
  let read = 0;
  using endProgress = showProgress(() => counted(read, 'record'));
  const parts = readFeatureFile(file, { id, eventTime, at });
  let part = await parts.next(); // no data folder is made for what cannot be read
  await withService(
    where,
    async ({ features }) => {
      for (; part.done !== true; part = await parts.next()) {
        const outcomes = inOrder(part.value, WRITES_AT_ONCE, async (row) => {
          if (row instanceof Error) return row.message;
          const outcome = await features.put(group, row);
          puts[outcome] += 1;
          return outcome === 'other' ? `${row.id} of ${row.time} is there with other values` : null;
        });
        for await (const why of outcomes) {
          read += 1;
          if (why !== null) refusals.push(why);
        }
      }
    },
    { mayBeNew: true, isForTables: true },
  );
  endProgress();
  if (refusals.length > 0) process.exitCode = 1;
  if (where.json === true)
    return void console.log(jsonLine({ group, records: read, ...puts, refused: refusals.length }));
  console.log(
    `${bold(printable(group))}  ${counted(read, 'record')}: ${puts.new} new, ${puts.same} there already, ${puts.older} older`,
  );
  for (const why of refusals.slice(0, MOST_TOLD)) console.log(`refused  ${printable(why)}`);
  if (refusals.length > MOST_TOLD) console.log(dim(`and ${refusals.length - MOST_TOLD} more`));
}

/** `swath features get GROUP ID`: the latest record. */
export async function get(group: string, id: string, where: Where): Promise<void> {
  assertGroup(group);
  await withService(where, async ({ features }) => {
    const record = (await features.read({ name: group }, [id])).get(id);
    if (record === undefined) throw new WrongUse(`there is no record ${JSON.stringify(id)} in the group ${group}.`);
    show([record], where);
  });
}

export async function remove(group: string, id: string, where: Where): Promise<void> {
  assertGroup(group);
  await withService(where, ({ features }) => features.remove(group, id));
  print(where.json, { group, id }, () => `${bold('removed')}  ${printable(id)} of ${group}, if it was there`);
}

export async function list(group: string, { limit, ...where }: Where & { limit: number }): Promise<void> {
  assertGroup(group);
  await withService(where, async ({ features }) => {
    const records: FeatureRecord[] = [];
    for await (const record of features.list(group)) if (records.push(record) === limit) break;
    show(records, where);
    if (where.json !== true && records.length === limit)
      console.log(dim(`\nThe first ${limit}. There may be more: --limit ${10 * limit}`));
  });
}

function show(records: readonly FeatureRecord[], { json }: Where): void {
  if (json === true) for (const record of records) console.log(jsonLine(record));
  else if (records.length === 0) console.log('No records.');
  else {
    const names = [...new Set(records.flatMap(({ values }) => Object.keys(values)))];
    const rows = records.map(({ id, time, version, values }) =>
      [id, time, version, ...names.map((name) => values[name] ?? '–')].map((cell) =>
        printable(String(cell)).slice(0, 60),
      ),
    );
    console.log(table(['id', 'event time', 'version', ...names.map(printable)], rows));
  }
}

function assertGroup(group: string): void {
  if (!isSafeName(group)) throw refused('the group', group, `is ${safeNameRule}`);
}
