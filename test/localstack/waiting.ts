import { setTimeout } from 'node:timers/promises';
import type { SceneRef } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { TestStack } from '../stack.ts';

const SECONDS = 60;

/** Waits until a scene's newest run is prepared, and so about to be classified. */
export async function prepared({ ledgerRows }: TestStack, scene: SceneRef): Promise<LedgerRow> {
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await setTimeout(100)) {
    const row = (await ledgerRows(scene)).find(({ state }) => state === 'PREPARED');
    if (row !== undefined) return row;
  }
  throw new Error(`${scene.key} has no run that was prepared within ${SECONDS} seconds.`);
}
