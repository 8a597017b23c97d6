import type { MapClass } from '../../package/layer.ts';
import { xmlText } from './cog/fields.ts';

/** Category names form a list from 0 on; larger values are only in the table. */
const MAX_CATEGORIES = 4096;

/** Types and usages of columns in a raster attribute table: GDALRATFieldType and GDALRATFieldUsage in gdal.h. */
const [INTEGER, TEXT] = [0, 2];
const [NAME, MIN_MAX, RED, GREEN, BLUE] = [2, 5, 6, 7, 8];

const COLUMNS = [
  { name: 'Value', type: INTEGER, usage: MIN_MAX },
  { name: 'Class', type: TEXT, usage: NAME },
  { name: 'Red', type: INTEGER, usage: RED },
  { name: 'Green', type: INTEGER, usage: GREEN },
  { name: 'Blue', type: INTEGER, usage: BLUE },
];

/**
 * Returns a sidecar file (`<name>.tif.aux.xml`, GDAL's persistent auxiliary metadata) for what a TIFF cannot say about its
 * classes: the title of each value of the first band, as categories and as a table, so that GDAL and QGIS show them.
 */
export function pamXml(classes: readonly MapClass[]): string {
  const columns = COLUMNS.map(
    ({ name, type, usage }, i) =>
      `      <FieldDefn index="${i}">\n        <Name>${name}</Name>\n        <Type>${type}</Type>\n        <Usage>${usage}</Usage>\n      </FieldDefn>\n`,
  );
  const rows = classes.map(({ value, name, title = name, colour }, i) => {
    const cells = [value, xmlText(title), ...colour].map((cell) => `<F>${cell}</F>`);
    return `      <Row index="${i}">${cells.join('')}</Row>\n`;
  });
  return `<PAMDataset>
  <PAMRasterBand band="1">
${categoriesOf(classes)}    <GDALRasterAttributeTable tableType="thematic">
${columns.join('')}${rows.join('')}    </GDALRasterAttributeTable>
  </PAMRasterBand>
</PAMDataset>
`;
}

function categoriesOf(classes: readonly MapClass[]): string {
  const values = classes.map(({ value }) => value);
  const last = Math.max(...values);
  if (classes.length === 0 || Math.min(...values) < 0 || last >= MAX_CATEGORIES) return '';
  const names = new Array<string>(last + 1).fill('');
  for (const { value, name, title = name } of classes) names[value] = title;
  const categories = names.map((name) => `      <Category>${xmlText(name)}</Category>\n`);
  return `    <CategoryNames>\n${categories.join('')}    </CategoryNames>\n`;
}
