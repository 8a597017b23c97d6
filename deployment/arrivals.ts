/** A condition of an EventBridge pattern on one field: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html */
export type KeyPattern = string | { prefix: string } | { wildcard: string } | { 'anything-but': { prefix: string } };

/**
 * Which keys start an execution when an object is created: those of scene files, and of the markers that say of a folder of
 * bulk files that all of them are there. A pattern knows no "and not" on one field, so where the inbox has a prefix of its
 * own, bulk files may not lie under it (deployment/parameters.ts).
 */
export function arrivingKeys(inboxPrefix: string, bulkPrefix: string): KeyPattern[] {
  const sceneFiles = inboxPrefix === '' ? { 'anything-but': { prefix: bulkPrefix } } : { prefix: inboxPrefix };
  return [sceneFiles, `${bulkPrefix}_DONE`, { wildcard: `${bulkPrefix}*/_DONE` }];
}
