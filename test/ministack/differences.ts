/**
 * Where ministack 1.5 does something else than AWS, as far as this service or its tests come across it; a test that sees one says
 * so in its title, and fails once it is gone. What keeps the service from running there is mended by mendMinistack.py.
 */
export const differences = {
  unregisteredPartitions: 'Athena shows rows of partitions that nobody has registered; in an account it does not',
  noWarehouse: 'it has no Redshift; a stub of the Data API stands in beside it, which holds nobody to rights',
  windowsNotWaited: 'a queue hands its messages on at once, whatever window it is told to gather them for',
} as const;

/** The title of a test that sees a difference. */
export const sees = (difference: keyof typeof differences) => `ministack differs: ${differences[difference]}`;
