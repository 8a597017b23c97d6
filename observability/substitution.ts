/**
 * What stands in the text of CloudFormation's `Fn::Sub`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
 */

/** Gives way to what it names: a resource, one of its attributes, or a pseudo parameter. */
export const reference = (name: string): string => `\${${name}}`;

/** Stays, as the same in braces for whoever reads the text afterwards. */
export const untouched = (name: string): string => `\${!${name}}`;
