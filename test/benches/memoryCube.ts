import {
  type Attributes,
  type Cube,
  type CubeVariable,
  meantType,
  remediesOf,
  viewAs,
} from '../../core/scenes/cubes/cube.ts';
import type { RasterType, RasterValues } from '../../core/scenes/raster/raster.ts';

type Variable = {
  values: RasterValues;
  dimensions?: readonly string[];
  shape?: readonly number[];
  attributes?: Attributes;
  missing?: readonly unknown[];
};

/** A file of variables that is in memory, each of one block. */
export function memoryCube(variables: Readonly<Record<string, Variable>>): Cube {
  const all = Object.entries(variables).map(([path, { values, attributes = {}, ...more }]) => {
    const { dimensions = [path], shape = [values.length] } = more;
    const stored = values.constructor.name.replace(/^Big|Array$/g, '').toLowerCase();
    const type = meantType(stored, attributes) as RasterType;
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, one) => product * one, 1));
    const readBlock = async () => ({ values: viewAs(type, values.slice() as RasterValues), strides });
    return { path, attributes, dimensions, shape, block: shape, type, stored, readBlock } satisfies CubeVariable;
  });
  return {
    variables: all,
    groups: new Map(),
    remedies: remediesOf('gdalwarp', "open_dataset('a.nc'", "to_netcdf('out.nc')"),
    about: () => ({}),
  };
}
