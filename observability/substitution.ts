/**
 * What stands in the text of CloudFormation's `Fn::Sub`: it gives way to what it names, a resource, one of its
 * attributes, a pseudo parameter, or a variable that comes with the text.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
 */
export const reference = (name: string): string => `\${${name}}`;
