/** Returns what a parameter lists, separated by commas; nothing of an empty one. */
export const listIn = (parameter: string): string[] => parameter.split(',').filter((entry) => entry !== '');
