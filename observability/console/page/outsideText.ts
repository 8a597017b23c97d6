/**
 * Text that came from outside (a file's name, an error, a class), as one line that cannot pose as another: characters that
 * steer, hide or turn text around are spelled out, as the command line does. That it is never markup is Preact's care:
 * nothing on these pages is set as HTML.
 */
export function outsideText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, spelledOut);
}

/** The same for text of several lines, such as an e-mail's. */
export function outsideLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
      character === '\n' || character === '\t' ? character : spelledOut(character),
    );
}

function spelledOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
