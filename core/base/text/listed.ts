const MOST_LISTED = 20;

/** Lists names for a message, shortened because a sensor may have hundreds of bands. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(', ');
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}
