/** This release, as in package.json. */
export const RELEASE = '0.6.0';
