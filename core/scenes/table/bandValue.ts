import { type DataType, isFloat, makePlane, type Plane } from '../../arrays/dataTypes.ts';

/** Whether a band's type holds a value that was stored as `stored`: integers within their range, the nearest float. */
export const isHeld = (dataType: DataType, value: number, stored: number): boolean =>
  isFloat(dataType) ? Number.isFinite(stored) === Number.isFinite(value) : stored === value;

/** What a table holds in place of a value that is missing, if the type has such. */
export const orNaN = (dataType: DataType): string => (isFloat(dataType) ? ', or NaN for a missing value' : '');

/** Returns the band of a single row: its value. Null if the band's type does not hold it. */
export function planeOfValue(dataType: DataType, value: number): Plane | null {
  const plane = makePlane(dataType, 1);
  plane[0] = value;
  return isHeld(dataType, value, plane[0]) ? plane : null;
}
