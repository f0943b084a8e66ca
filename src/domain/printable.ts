/**
 * Everything that does not print: control characters, marks that turn the reading direction, separators of lines, halves of
 * characters, and what stands where octets were no text.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffd]+/gu;

/** Text of a device or a stranger without what does not print: a space stands in its place. */
export function printable(text: string): string {
  return text.replace(unprintable, ' ');
}
