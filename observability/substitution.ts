/**
 * A placeholder for CloudFormation's `Fn::Sub`: it is replaced by what it names, a resource, one of its
 * attributes, a pseudo parameter, or a variable passed with the text.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
 */
export const reference = (name: string): string => `\${${name}}`;
