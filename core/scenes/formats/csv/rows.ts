import { CsvError, Parser } from 'csv-parse';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_ROW_LENGTH } from '../../../base/limits.ts';
import { delimiterOf, isLedBySeparator, lineBreaksOf } from './delimiter.ts';

/** A row's cells, and the number, from 1, of the line it ends on. */
export type Row = { readonly cells: readonly string[]; readonly line: number };

/**
 * Yields a table's rows, header first, as each chunk completes them, without a promise per row. Empty lines are none.
 * @throws {InvalidSceneFile} when quotes are wrong, a row is too long, or a row has more or fewer cells than the header
 */
export async function* rowsIn(key: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row[], void, void> {
  let start: Uint8Array = new Uint8Array();
  let parser: ReturnType<typeof makeParser> | undefined;
  for await (const chunk of chunks) {
    if (parser !== undefined) yield await parser.take(chunk);
    else {
      start = Buffer.concat([start, chunk]);
      const delimiter = delimiterOf(start, start.length > MAX_ROW_LENGTH);
      if (delimiter === undefined) continue;
      parser = makeParser(key, delimiter, start);
      yield await parser.take(start);
    }
  }
  parser ??= makeParser(key, delimiterOf(start, true)!, start);
  yield await parser.end(start);
}

function makeParser(key: string, delimiter: string, start: Uint8Array) {
  let rows: Row[] = [];
  let columns = 0;
  let isStarted = false;
  const parser = new Parser({
    // The parser checks before it takes a character, so it accepts one more than this.
    delimiter,
    bom: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_LENGTH - 1,
    record_delimiter: lineBreaksOf(start),
    from_line: isLedBySeparator(start) ? 2 : 1,
    on_record: (cells: string[], { lines }) => {
      if (columns === 0) columns = cells.length;
      rows.push({ cells, line: lines });
      return null; // keeps the parser from emitting rows one by one
    },
  });
  parser.on('error', () => {}); // the callbacks report it
  parser.resume();

  async function done(work: (callback: (error?: Error | null) => void) => void): Promise<Row[]> {
    const worked = new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
    await worked.catch((error) => {
      throw error instanceof CsvError ? invalid(key, error, columns) : error;
    });
    const taken = rows;
    rows = [];
    return taken;
  }

  return {
    take(chunk: Uint8Array): Promise<Row[]> {
      isStarted = true;
      const copy = Buffer.from(chunk); // copied, because the parser keeps the unconsumed part until the next chunk
      return done((callback) => parser.write(copy, callback));
    },
    /** Returns the last row, which may lack a line break. For a table without any line break, `start` is all of it. */
    end: (start: Uint8Array) =>
      done((callback) => {
        parser.once('error', callback);
        parser.end(isStarted ? undefined : start, () => callback());
      }),
  };
}

const WORDS: Record<string, string> = {
  CSV_INVALID_CLOSING_QUOTE:
    'something stands behind the closing quote of a cell; allowed is a delimiter or a line break',
  CSV_QUOTE_NOT_CLOSED:
    'the quote of a cell is not closed; allowed are quotes around the whole of a cell, doubled within',
  INVALID_OPENING_QUOTE:
    'a quote stands in a cell that does not begin with one; allowed are quotes around the whole of a cell, doubled within',
  CSV_MAX_RECORD_SIZE: `a row has more than ${MAX_ROW_LENGTH} characters, which is the limit`,
};

function invalid(key: string, error: CsvError, columns: number): InvalidSceneFile {
  const line = Number(error['lines']);
  const { record } = error as { record?: readonly string[] };
  const isUneven = error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH';
  const uneven = `found ${record?.length} cells, allowed are ${columns}, as its header has`;
  const what = isUneven ? uneven : (WORDS[error.code] ?? 'this is not CSV; allowed is one table with a header');
  return new InvalidSceneFile(`${key}: line ${line}: ${what}`, { cause: error });
}
