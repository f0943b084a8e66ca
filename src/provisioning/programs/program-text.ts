/** Pulumi's own marks for colours: `<{%fg 13%}>`. */
const colours = /<\{%[^%]{0,40}%\}>/g;
// oxlint-disable-next-line no-control-regex
const terminal = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** All that is not printable, also what turns the direction of reading around; lines and tabs stay. */
const unprintable = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Makes a text of a program such as may be kept and shown: at most `most` characters, `…` where more was said. */
export type TextCleaner = (text: string, most: number) => string;

/** @param secrets texts that are shown nowhere, whatever the program says. */
export function textCleaner(secrets: readonly string[]): TextCleaner {
  // A short one stands in every text by chance.
  const hidden = secrets.filter((secret) => secret.length >= 6).toSorted((a, b) => b.length - a.length);
  return (text, most) => {
    let clean = text.replaceAll('\r\n', '\n').replace(colours, '').replace(terminal, '').replace(unprintable, '');
    for (const secret of hidden) clean = clean.replaceAll(secret, '[secret]');
    // Not in the middle of a character.
    return clean.length <= most ? clean : `${clean.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
  };
}
