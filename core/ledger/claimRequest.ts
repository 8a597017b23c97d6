import type { ModelRef, SceneRef } from '../messages.ts';

export type ClaimRequest = {
  scene: SceneRef;
  model: ModelRef;
  execution: string;
  now: Date;
  leaseSeconds: number;
  attemptLimit: number;
  /**
   * Fixed by the first claim, so that a retry after midnight or after a changed parameter writes the same keys. Only who
   * has opened the file knows it.
   */
  fixed?: { day: string; chipsPerPart: number };
};
