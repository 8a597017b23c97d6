import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { attempt, InvalidSceneFile, insteadOf } from '../../core/base/errors.ts';
import { ITEM_ENDINGS, isAsset } from '../../core/base/keys.ts';
import { itemOf } from '../../core/scenes/products/product.ts';
import { productIn } from '../../core/scenes/products/products.ts';
import { commandFor, pathFromHere, quoted } from '../service/where.ts';
import { bold, print, printable, readNamed, refused, WrongUse, writeNamed } from '../terminal/output.ts';

type Options = { output?: string; partial?: boolean; json?: boolean };

/** `swath stac make FOLDER`: writes the STAC Item of a scene that an agency delivers as a folder. */
export async function makeItem(folder: string, { output, partial = false, json }: Options): Promise<void> {
  const names = filesIn(folder);
  const wrong = insteadOf(InvalidSceneFile, ({ message }) => new WrongUse(message));
  const read = async (path: string) => (await readNamed(join(folder, path))).toString();
  const product = await productIn(folder, names, read).catch(wrong);
  const to = output ?? join(dirname(resolve(folder)), `${product.id}${ITEM_ENDINGS[0]}`);
  const way = wayTo(folder, to);
  const hrefOf = (path: string) => `./${[...way, ...path.split('/')].map(encodeURIComponent).join('/')}`;
  const how = { there: new Set(names), hrefOf, isPartial: partial };
  const { item, missing } = attempt(() => itemOf(product, how), wrong);
  await writeNamed('--output', to, `${JSON.stringify(item, null, 2)}\n`);
  const [assets, { datetime }] = [Object.keys(item.assets), product.properties];
  const path = pathFromHere(to);
  const left = missing.length === 0 ? '' : ` Left out: ${missing.map((name) => basename(name)).join(', ')}.`;
  const said = `${bold(printable(path))} describes ${assets.join(', ')}, taken at ${datetime}.${left}`;
  const next = `Send it with its files: ${commandFor({}, `send ${quoted(path)}`)}`;
  print(json, { item: to, id: product.id, datetime, assets, missing }, () => `${said}\n${next}`);
}

function filesIn(folder: string): string[] {
  const about = statSync(folder, { throwIfNoEntry: false });
  if (about === undefined) throw new WrongUse(`${folder}: no such folder.`);
  if (lstatSync(resolve(folder)).isSymbolicLink())
    throw new WrongUse(`${folder}: is a symbolic link, and files behind one are not sent. Name the folder itself.`);
  if (about.isDirectory())
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => lstatSync(join(folder, name)).size > 0) // a download that has only begun is missing
      .map((name) => name.split(sep).join('/'));
  const [file, name] = [quoted(folder), quoted(basename(folder).replace(/(\.tar)?\.\w+$/, '.assets'))];
  const how = /\.zip$/i.test(folder) ? `unzip ${file}` : `mkdir ${name} && tar -xf ${file} -C ${name}`;
  throw new WrongUse(
    `${folder} is a file, allowed is the folder of a scene. An archive needs no Item: send it as it is. For an Item, unpack it: ${how}`,
  );
}

/** Returns the names of the folders that lead from an Item to the files of its scene. */
function wayTo(folder: string, item: string): string[] {
  const way = relative(dirname(resolve(item)), resolve(folder)).split(sep);
  if (!item.endsWith(ITEM_ENDINGS[0]!) || basename(item).startsWith('.') || way[0] === '..' || way[0] === '')
    throw refused('--output', item, `are names that end in ${ITEM_ENDINGS[0]}, beside or above ${folder}`);
  if (isAsset(`${way.join('/')}/`)) return way;
  const name = quoted(pathFromHere(resolve(folder)));
  throw new WrongUse(
    `${folder}: the inbox would take each of its files for a scene, allowed are folders whose names end in .assets or .SAFE. Rename it: mv ${name} ${name}.assets`,
  );
}
