/** Of the 63 characters that a bucket's name may have, ours leave so many in the region with the longest name. */
const MAX_STAGE_CHARACTERS = 20;

/** Buckets, functions, alarms and stacks are named after a stage: `swath-dev-storage` stores for the stage dev, `swath-dev-band-drift` is its alarm, and docs have `swath-dev-retraining` and `swath-servers` created. */
export const isStageName = (text: string): boolean =>
  /^(?!servers$)[a-z]([a-z0-9-]*[a-z0-9])?(?<!-(storage|retraining|slow|band|gradual))$/.test(text) &&
  text.length <= MAX_STAGE_CHARACTERS;

/** What `isStageName` lets through, for an error that says what is allowed. */
export const stageNameRule = `up to ${MAX_STAGE_CHARACTERS} lower-case letters, digits and hyphens, a letter first and no hyphen last, not servers, and not ending in -storage, -retraining, -slow, -band or -gradual`;
