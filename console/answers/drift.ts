import type { DayRow } from '../../core/drift/metricsTable.ts';
import { addTotals, type Totals } from '../../core/drift/totals.ts';
import type { ModelPackage } from '../../core/models/package.ts';
import { shownOf } from '../../core/tasks/shownRegistry.ts';
import type { Drift, WindowNumbers } from '../api.ts';
import type { Period } from '../period.ts';
import type { Service } from '../service.ts';
import { doorsOf } from './doors.ts';
import { packageOrNone } from './packageOrNone.ts';
import { reportPath, reportsOf } from './reports.ts';
import { recentNumbers, windowNumbers } from './windowNumbers.ts';

/** The reference against what was predicted: lately, and on each judged day of a period by each model version. */
export async function driftOf(service: Service, period: Period): Promise<Drift> {
  const { parameters } = service;
  const versions = await service.listVersions();
  const [recent, doors, ...judged] = await Promise.all([
    recentNumbers(service),
    doorsOf(service),
    ...versions.map((version) => daysOf(service, parameters.modelName, version, period)),
  ]);
  return {
    threshold: parameters.driftThreshold,
    recent,
    // Of one day, the versions stay in their order.
    days: judged.flatMap(({ days }) => days).sort((a, b) => a.day.localeCompare(b.day)),
    calibration: newestOf(judged),
    doors,
  };
}

type JudgedVersion = { days: Drift['days']; calibration: Drift['calibration'] };

const NOT_JUDGED: JudgedVersion = { days: [], calibration: null };

async function daysOf(service: Service, name: string, version: string, { from, to }: Period): Promise<JudgedVersion> {
  if (await service.models.isTrial({ name, version })) return NOT_JUDGED; // the service's days are those of what was promoted
  const rows = await service.metrics.days({ name, version }, from, to);
  const model = rows.length === 0 ? null : await packageOrNone(service.models, { name, version });
  if (model === null) return NOT_JUDGED;
  const reports = await reportsOf(service, { name, version });
  const days = rows.map(({ day, revision, runs, cutOff, judgement }) => ({
    ...withFurthest(windowNumbers(model, runs, judgement)),
    day,
    revision,
    cutOff: cutOff ?? null,
    report: reports.has(day) ? reportPath(version, day) : null,
  }));
  return { days, calibration: calibrationOf(rows, model) };
}

function calibrationOf(rows: readonly DayRow[], model: ModelPackage): Drift['calibration'] {
  const all = rows.map(({ judgement }): Totals => judgement).reduce(addTotals);
  const calibration = shownOf(model).calibration?.(all) ?? null;
  return calibration && { ...calibration, version: model.version };
}

/** Of several versions that of the one whose last judged day is the latest. */
function newestOf(judged: readonly JudgedVersion[]): Drift['calibration'] {
  const known = judged.filter(({ calibration }) => calibration !== null);
  const lastOf = ({ days }: JudgedVersion) => days.at(-1)!.day;
  const [newest] = known.toSorted((a, b) => lastOf(b).localeCompare(lastOf(a)));
  return newest?.calibration ?? null;
}

function withFurthest({ bands = [], ...numbers }: WindowNumbers): WindowNumbers {
  const [furthest] = bands.toSorted((a, b) => (b.jensenShannon ?? 0) - (a.jensenShannon ?? 0));
  return { ...numbers, ...(furthest && { bands: [furthest] }) };
}
