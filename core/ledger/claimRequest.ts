import type { ModelRef, SceneRef } from '../messages.ts';

export type ClaimRequest = {
  scene: SceneRef;
  model: ModelRef;
  execution: string;
  now: Date;
  leaseSeconds: number;
  attemptLimit: number;
  /**
   * Fixed by the first claim, so that a retry after midnight or after a parameter change writes the same keys. Absent
   * until the file has been opened.
   */
  fixed?: { day: string; chipsPerPart: number };
};
