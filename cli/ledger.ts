import type { Executions } from '../functions/shared/executions.ts';
import type { Ledger } from '../functions/shared/ledger.ts';
import { connectStack } from '../local/connect.ts';
import { OwnerGone } from '../local/control.ts';

/** Where to look: the embedded stack's data folder, or a deployed stage. */
export type Where = { dataDir: string; stage?: string; region?: string; profile?: string; json?: boolean };

/** What the commands about runs need, of either. */
export type Service = {
  ledger: Ledger;
  executions: Executions;
  /** The results bucket as a path, where there is one on this machine. */
  results: string | null;
  /** Resolves when nothing that this process started is on its way any more. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};

/** Does something with the embedded stack's ledger or a stage's, and lets go of it. */
export async function withService<Result>(where: Where, work: (service: Service) => Promise<Result>): Promise<Result> {
  for (;;) {
    const service = await (where.stage === undefined ? embedded(where.dataDir) : deployed(where.stage, where));
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

async function embedded(dataDir: string): Promise<Service> {
  const stack = await connectStack({ dataDir, command: 'swath' });
  const { ledger, executions, folder, close } = stack;
  return { ledger, executions, results: folder.results, close, idle: 'idle' in stack ? stack.idle : async () => {} };
}

/** Loaded when asked for: the embedded stack has no use for the clients. */
async function deployed(stage: string, where: Where): Promise<Service> {
  const { openStage } = await import('./stage.ts');
  return openStage(stage, where);
}
