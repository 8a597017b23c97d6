/** What the draft of a package may be of, by MLM's names. */
export const DRAFT_TASKS = [
  'scene-classification',
  'semantic-segmentation',
  'regression',
  'super-resolution',
  'multi-label-classification',
] as const;
export type DraftTask = (typeof DRAFT_TASKS)[number];
