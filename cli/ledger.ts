import type { Service } from '../console/service.ts';
import { connectStack } from '../local/connect.ts';
import { OwnerGone } from '../local/control.ts';
import { isDataFolder, NoDataFolder } from '../local/dataFolder.ts';
import { embeddedService } from '../local/embeddedService.ts';
import { WrongUse } from './failure.ts';
import { commandFor, type Where } from './where.ts';

export type { Where } from './where.ts';

/** The embedded stack of a data folder, or a deployed stage; `cores` is how many may infer at once, if it is ours. */
export async function openService(where: Where, cores?: number): Promise<Service> {
  const { dataDir, stage, region, profile } = where;
  if (stage !== undefined) {
    const { openStage } = await import('./stage.ts'); // the embedded stack has no use for the clients
    return openStage(stage, where);
  }
  if (region !== undefined || profile !== undefined)
    throw new WrongUse(
      `--${region === undefined ? 'profile' : 'region'} says where a stage is: name the stage with --stage, too.`,
    );
  return embeddedService(await connectStack({ dataDir, command: 'swath', ...(cores !== undefined && { cores }) }));
}

/**
 * Whoever only looks makes no folder.
 * @throws {NoDataFolder} where the embedded stack is meant and has never been
 */
export function assertDataFolder({ stage, region, profile, dataDir }: Where): void {
  const isStage = [stage, region, profile].some((one) => one !== undefined);
  if (!isStage && !isDataFolder(dataDir))
    throw new NoDataFolder(
      `${dataDir}: there is no embedded stack's folder. Name it with --data-dir, or make one: ${commandFor({ dataDir }, 'start')}`,
    );
}

/** Does something with the embedded stack or a stage, and lets go of it. */
export async function withService<Result>(
  where: Where,
  work: (service: Service) => Promise<Result>,
  { mayBeNew = false } = {},
): Promise<Result> {
  if (!mayBeNew) assertDataFolder(where);
  for (;;) {
    const service = await openService(where);
    try {
      return await work(service);
    } catch (error) {
      if (!(error instanceof OwnerGone)) throw error; // else the folder is free: once more, with a stack of our own
    } finally {
      await service.idle(); // another process may have files on their way here
      await service.close();
    }
  }
}
