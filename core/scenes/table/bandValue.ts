import { type DataType, isFloat, makePlane, type Plane } from '../../models/dataTypes.ts';

/**
 * A band of one row: its value alone. Null where the band's type does not hold it: a type of whole numbers holds those within its
 * range, a float is the nearest one.
 */
export function planeOfValue(dataType: DataType, value: number): Plane | null {
  const plane = makePlane(dataType, 1);
  plane[0] = value;
  const isHeld = isFloat(dataType) ? Number.isFinite(plane[0]) === Number.isFinite(value) : plane[0] === value;
  return isHeld ? plane : null;
}
