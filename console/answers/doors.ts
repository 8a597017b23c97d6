import { modelId } from '../../core/base/run.ts';
import { daysBefore } from '../../core/base/time/days.ts';
import { judgeDoors } from '../../core/drift/doors.ts';
import { sharesOf } from '../../core/drift/window.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { DoorNumbers } from '../api.ts';
import type { Service } from '../service.ts';
import { liveModel } from './packageOrNone.ts';

/** The most runs of a day that are read. */
const MOST_RUNS = 2000;

/** The live version's runs of today and yesterday by door; days with only files are left out. */
export async function doorsOf({ ledger, models, parameters, now }: Service): Promise<DoorNumbers[]> {
  const model = await liveModel(models);
  if (model === null) return [];
  const { driftThreshold: threshold, driftMinimum: minimum } = parameters;
  const days = await Promise.all(
    [0, 1].map(async (back): Promise<DoorNumbers[]> => {
      const day = daysBefore(back, now());
      const rows: LedgerRow[] = [];
      let looked = 0;
      for await (const row of ledger.rowsOfDay(day)) {
        looked += 1;
        if (modelId(row.model) === modelId(model)) rows.push(row);
        if (looked === MOST_RUNS) break;
      }
      const doors = judgeDoors(rows, model, { threshold, minimum });
      if (doors.every(({ door }) => door === 'file')) return [];
      return doors.map(({ door, runs, judgement }) => {
        const { chips, n, drift } = judgement;
        return { day, door, runs, chips, n, drift, shares: sharesOf(judgement, model) };
      });
    }),
  );
  return days.flat();
}
