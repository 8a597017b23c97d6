/** The tasks for which a package can be drafted, by MLM's names. */
export const DRAFT_TASKS = [
  'scene-classification',
  'semantic-segmentation',
  'regression',
  'super-resolution',
  'multi-label-classification',
] as const;
export type DraftTask = (typeof DRAFT_TASKS)[number];
