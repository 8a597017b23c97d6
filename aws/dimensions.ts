import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { urlDecoded } from '../core/base/text/urlDecoded.ts';

/**
 * Dimensions as CloudWatch takes them: their values are printable ASCII, so whatever else a class's name holds is
 * percent-encoded. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
 */
export function toDimensions(values: Record<string, string>): Dimension[] {
  const encoded = (value: string) => value.toWellFormed().replace(/[^ -~]|%/gu, (one) => encodeURIComponent(one));
  return Object.entries(values).map(([Name, Value]) => ({ Name, Value: encoded(Value) }));
}

/** A dimension's value as it was before it was encoded. */
export const decodeValue = (value: string): string => urlDecoded(value) ?? value; // which is somebody else's
