/** A shape for each meaning, so that no meaning hangs on colour alone. Beside words: hidden from screen readers. */
const SHAPES = {
  good: 'M3.2 8.6 6.6 12l6.4-7.4',
  bad: 'M8 2 15 14H1zM8 6.4v3.4M8 11.9v.2',
  unsure: 'M5.6 6.1a2.4 2.4 0 1 1 3.5 2.2c-.8.4-1.1.8-1.1 1.6M8 12.3v.2',
  wrong: 'M4 4l8 8M12 4l-8 8',
  none: 'M3.5 8h9',
  twin: 'M2.5 5.5h7v7h-7zM6 5V3h7.5v7.5H10',
  way: 'M3 8h9M8.5 4.5 12 8l-3.5 3.5',
} as const;
export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
