import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SchemaName } from './schemas.ts';
import type { Story } from './story.ts';

/** A release as it is recorded: what it left behind, and what it takes from others. */
export type Release = Story & {
  version: string;
  /** By which it reads whatever it reads, as JSON Schemas. A schema that came later is not among them. */
  schemas: Partial<Record<SchemaName, unknown>>;
  /** What its functions may do, as `<role> <action> <resource>`. */
  rights: string[];
};

const FOLDER = new URL('./', import.meta.url);

/** The file of a release. */
export function fileOf(version: string): URL {
  return new URL(`${version}.json`, FOLDER);
}

/** Every release that is recorded. */
export function recordedReleases(): Release[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return files.map((name) => fromText(readFileSync(new URL(name, FOLDER), 'utf8')));
}

/** A release as text; of bytes, what gzip makes of them. */
export function toText(release: Release): string {
  const { files, objects, ...others } = release;
  return `${JSON.stringify({ ...others, files: packed(files), objects: packed(objects) }, null, 1)}\n`;
}

function fromText(text: string): Release {
  const { files, objects, ...others } = JSON.parse(text);
  return { ...others, files: unpacked(files), objects: unpacked(objects) };
}

function packed(files: Record<string, Uint8Array>): Record<string, string> {
  const entries = Object.entries(files).map(([key, bytes]) => [key, gzipSync(bytes, { level: 9 }).toString('base64')]);
  return Object.fromEntries(entries);
}

function unpacked(files: Record<string, string>): Record<string, Uint8Array> {
  const entries = Object.entries(files).map(([key, text]) => [key, gunzipSync(Buffer.from(text, 'base64'))]);
  return Object.fromEntries(entries);
}
