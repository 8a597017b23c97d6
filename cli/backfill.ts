import type { Service } from '../console/service.ts';
import { forEach } from '../core/forEach.ts';
import { jsonLine } from '../core/jsonLine.ts';
import { isBulk, isCanary, isSceneFile } from '../core/keys.ts';
import { makeStart, noneIfTaken } from '../core/ledger/startAttempt.ts';
import type { ModelRef } from '../core/messages.ts';
import { lackingOf, takersOf } from '../core/models/serving.ts';
import type { ListedScene } from '../core/objectStore.ts';
import { WrongUse } from './failure.ts';
import { stopOnInterrupt } from './interrupt.ts';
import { withService } from './ledger.ts';
import { startWithinLimit, type Wait } from './pacing.ts';
import { showProgress } from './progress.ts';
import { number } from './report.ts';
import { printable } from './text.ts';
import { timeOf } from './time.ts';
import { commandFor, type Where } from './where.ts';

type Choice = { since?: string; until?: string; prefix?: string; limit?: number; atOnce: number; dryRun?: boolean };

/** Which files are meant, and how many of them are to be on their way at once. */
export type Backfill = { since?: Date; until?: Date } & Required<Omit<Choice, 'since' | 'until'>>;

/** What a backfill needs of the embedded stack or a stage. */
export type BackfilledService = Pick<
  Service,
  'executions' | 'now' | 'inboxPrefix' | 'bulkPrefix' | 'listScenes' | 'onTheirWay'
> & {
  models: Pick<Service['models'], 'serving'>;
  ledger: Pick<Service['ledger'], 'ofScene' | 'claim' | 'fail'>;
  parameters: Pick<Service['parameters'], 'attemptLimit'>;
};

type BackfillPorts = {
  /** Resolves after so many milliseconds, or rejects as soon as the backfill is stopped. */
  wait: Wait;
  stopped: AbortSignal;
  onStart: (key: string) => void;
};

/** How many files were looked at, and what became of them. */
export type Tally = {
  looked: number;
  started: number;
  /** Each live model that takes them has a run of them already. */
  known: number;
  /** Of another time than was asked for, in the reserved folder, or taken by no live model. */
  leftOut: number;
  /** Somebody else starts them just now, or their attempts were lost and are used up. */
  taken: number;
};

/** Requests that look up and start, under way at once. */
const REQUESTS_AT_ONCE = 8;
/** So many files are named to a person who only wants to know. */
const NAMED = 20;

/** `swath backfill`: starts every file of the inbox that a live model takes and has no run of. */
export async function backfill({ json, ...options }: Where & Choice): Promise<void> {
  const asked = backfillOf(options);
  using interrupt = stopOnInterrupt(() => console.error('swath: stopping; nothing more is started.'));
  const { stopped, wait } = interrupt;
  await withService(options, async (service) => {
    const tally: Tally = { looked: 0, started: 0, known: 0, leftOut: 0, taken: 0 };
    const names: string[] = [];
    const endProgress = showProgress(
      () => `backfill: ${number(tally.looked)} files looked at, ${number(tally.started)} started`,
    );
    const ended = await backfillInto(service, asked, tally, {
      wait,
      stopped,
      onStart: (key) => names.length < NAMED && names.push(key),
    }).catch((error: unknown) => ({ isComplete: false, ...(!stopped.aborted && { error }) }));
    endProgress();
    // What was started before an error stays started.
    if (!('error' in ended) || tally.looked > 0)
      console.log(
        json === true
          ? jsonLine({ dryRun: asked.dryRun, isComplete: ended.isComplete, ...tally })
          : told({ tally, dryRun: asked.dryRun, names, isComplete: ended.isComplete, where: options }),
      );
    if ('error' in ended) throw ended.error;
    if (stopped.aborted) process.exitCode = 130;
  });
}

function backfillOf({ prefix = '', limit = Infinity, atOnce, dryRun = false, ...times }: Choice): Backfill {
  const since = times.since === undefined ? undefined : timeOf('--since', times.since);
  const until = times.until === undefined ? undefined : timeOf('--until', times.until);
  if (since && until && since >= until)
    throw new WrongUse(`--until: found ${JSON.stringify(times.until)}, allowed is a time after --since.`);
  return { ...(since && { since }), ...(until && { until }), prefix, limit, atOnce, dryRun };
}

/**
 * Goes over the inbox, page by page, and starts what a live model takes and has no run of, as the sweep does and under the
 * same names, so that nothing is started twice. It holds back while as many executions are on their way as may be: Lambda refuses what an
 * account may not run at once, and what is refused too often ends as a failed run.
 *
 * @param tally is kept up to date while it goes on
 * @returns whether all of the inbox was gone through
 */
export async function backfillInto(
  service: BackfilledService,
  { since, until, prefix, limit, atOnce, dryRun }: Backfill,
  tally: Tally,
  { wait, stopped, onStart }: BackfillPorts,
): Promise<{ isComplete: boolean }> {
  const { ledger, executions, now, inboxPrefix, bulkPrefix } = service;
  const listScenes = service.listScenes(prefixWithin(inboxPrefix, prefix));
  const serving = await service.models.serving();
  if (serving.waiting[0] !== undefined) throw serving.waiting[0].error;
  const { start } = makeStart({ ledger, executions, now, attemptLimit: service.parameters.attemptLimit });
  const startWithinLimits = startWithinLimit(atOnce, service.onTheirWay, wait);
  let begun = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listScenes>> = await listScenes(cursor);
    await forEach(page.scenes, REQUESTS_AT_ONCE, takeUp);
    cursor = page.cursor;
  } while (cursor !== null && !isOver());
  return { isComplete: !isOver() };

  async function takeUp(scene: ListedScene): Promise<void> {
    if (isOver()) return;
    const outcome = await outcomeOf(scene);
    if (outcome === null) return;
    tally.looked += 1;
    tally[outcome] += 1;
    if (outcome === 'started') onStart(scene.key);
  }

  /** Null where there is no more to be started, before it is known what this file is. */
  async function outcomeOf(scene: ListedScene): Promise<Exclude<keyof Tally, 'looked'> | null> {
    if (!isMeant(scene)) return 'leftOut';
    const lacking = lackingOf(serving, scene, await ledger.ofScene(scene), true);
    if (lacking.length === 0) return 'known';
    if (isOver()) return null;
    begun += 1;
    if (dryRun || (await startNew(scene, lacking))) return 'started';
    begun -= 1;
    return 'taken';
  }

  async function startNew(scene: ListedScene, models: readonly ModelRef[]): Promise<boolean> {
    let isStarted = false;
    for (const model of models) {
      const { started } = await startWithinLimits(() => start(scene, model, 1).catch(noneIfTaken));
      isStarted ||= started > 0;
    }
    return isStarted;
  }

  function isMeant({ key, size, lastModified = '' }: ListedScene): boolean {
    const time = new Date(lastModified); // of no time it is neither before nor after anything
    const isOfTime = (since === undefined || time >= since) && (until === undefined || time < until);
    const isScene = !isCanary(key, inboxPrefix) && isSceneFile({ key, size });
    const isTaken = takersOf(serving, key).length > 0;
    return isOfTime && isScene && isTaken && !isBulk(key, bulkPrefix); // "swath sweep --full" has those
  }

  function isOver(): boolean {
    return stopped.aborted || begun >= limit;
  }
}

/** The files that are meant, of those that are in the inbox at all. */
function prefixWithin(inboxPrefix: string, asked: string): string {
  if (asked.startsWith(inboxPrefix)) return asked;
  if (inboxPrefix.startsWith(asked)) return inboxPrefix;
  throw new WrongUse(
    `--prefix: found ${JSON.stringify(asked)}, allowed is what begins with ${JSON.stringify(inboxPrefix)}, as the inbox does.`,
  );
}

type Told = { tally: Tally; dryRun: boolean; names: string[]; isComplete: boolean; where: Partial<Where> };

/** What a person is told at the end. */
export function told({ tally, dryRun, names, isComplete, where }: Told): string {
  const { looked, started, known, leftOut, taken } = tally;
  const counts = [
    `${number(started)} ${dryRun ? 'to start' : 'started'}`,
    `${number(known)} known to a run`,
    ...(leftOut === 0 ? [] : [`${number(leftOut)} left out`]),
    ...(taken === 0 ? [] : [`${number(taken)} taken up by somebody else`]),
  ];
  const more = isComplete ? '' : ` There may be more${dryRun ? '' : ': run the same command again'}.`;
  const summary = `${number(looked)} files looked at: ${counts.join(', ')}.${more}`;
  if (!dryRun) return started === 0 ? summary : `${summary} What becomes of them: ${commandFor(where, 'runs')}`;
  const unnamed = started > names.length ? [`… and ${number(started - names.length)} more`] : [];
  return [...names.map(printable), ...unnamed, summary].join('\n');
}
