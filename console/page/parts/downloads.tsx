/** What a list shows by its filter, all pages of it, as files; `path` answers them, and `query` is the filter. */
export function Downloads({ path, query }: { path: string; query: string }) {
  return (
    <span class="downloads">
      {' '}
      Download: <a href={`${path}.csv${query}`}>CSV</a>, <a href={`${path}.parquet${query}`}>Parquet</a>
    </span>
  );
}
