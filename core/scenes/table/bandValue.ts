import { type DataType, isFloat, makePlane, type Plane } from '../../models/dataTypes.ts';

/**
 * Whether a band's type holds a value, which it has stored so: a type of whole numbers holds those within its range, a float is
 * the nearest one.
 */
export function isHeld(dataType: DataType, value: number, stored: number): boolean {
  return isFloat(dataType) ? Number.isFinite(stored) === Number.isFinite(value) : stored === value;
}

/** A band of one row: its value alone. Null where the band's type does not hold it. */
export function planeOfValue(dataType: DataType, value: number): Plane | null {
  const plane = makePlane(dataType, 1);
  plane[0] = value;
  return isHeld(dataType, value, plane[0]) ? plane : null;
}
