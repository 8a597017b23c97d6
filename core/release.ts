/** The release that this is, as package.json has it. */
export const RELEASE = '0.6.0';
