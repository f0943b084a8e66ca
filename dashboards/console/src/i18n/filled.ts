/** `[n:site is|sites are]`: the first where `n` is one. Indonesian has one form for all. */
const oneOrMore = /\[(\w+):([^|\]]+)\|([^\]]+)\]/g;

/** A text with its placeholders filled and its words in the right number; a placeholder that nobody gave stays open. */
export function filled(
  text: string,
  args: Readonly<Record<string, string | number>>,
  written: (value: number) => string,
): string {
  const worded = text.replace(oneOrMore, (_, name: string, one: string, more: string) =>
    String(args[name]) === '1' ? one : more,
  );
  const whole = worded.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = args[name];
    if (value === undefined) return hole;
    return typeof value === 'number' ? written(value) : value;
  });
  // A list that is cut short at the end of a sentence.
  return whole.replace(/…\./g, '…');
}
