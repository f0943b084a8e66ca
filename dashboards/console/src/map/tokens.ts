/** Reads a design token by its name (`--m-tile`). */
export type Token = (name: string) => string;

/** Tokens of the theme that is drawn now; ask for a new reader after the theme changed. */
export function readTokens(): Token {
  const style = getComputedStyle(document.documentElement);
  const known = new Map<string, string>();
  return (name) => {
    let value = known.get(name);
    if (value === undefined) {
      value = style.getPropertyValue(name).trim();
      known.set(name, value);
    }
    return value;
  };
}
