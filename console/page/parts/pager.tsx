/** Steps through pages, counted from 1; nothing where there is one page only. */
export function Pager({ page, pages, href }: { page: number; pages: number; href: (page: number) => string }) {
  if (pages <= 1) return null;
  const step = (to: number, rel: string, words: string) =>
    to < 1 || to > pages ? (
      <span />
    ) : (
      <a class="button" href={href(to)} rel={rel}>
        {words}
      </a>
    );
  return (
    <nav class="pager" aria-label="Pages">
      {step(page - 1, 'prev', '← Previous')}
      <span>
        Page {page} of {pages}
      </span>
      {step(page + 1, 'next', 'Next →')}
    </nav>
  );
}
