/**
 * Text of devices as a tag value. Line protocol cannot carry every text: a backslash before a separator changes its
 * meaning, a line feed ends the point, an empty value is an error. Those few are written as %XX, and a percent sign
 * that would read as one of them too; all else stays as it is, so that other readers of the database see plain names.
 * <https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/>
 */
const escapes: Readonly<Record<string, string>> = { '\\': '%5C', '\n': '%0A', '\r': '%0D', '\t': '%09', '\0': '%00' };
const originals = new Map([...Object.entries(escapes).map(([text, code]) => [code, text] as const), ['%25', '%']]);
const empty = '%--';
// The control characters are the point here.
// oxlint-disable-next-line no-control-regex
const toEscape = /[\\\n\r\t\0]|%(?=5C|0A|0D|09|00|25|--)/g;

/** The text as it is stored. */
export function storedTag(text: string): string {
  if (text === '') return empty;
  return text.toWellFormed().replace(toEscape, (found) => escapes[found] ?? '%25');
}

/** The text that was given to `storedTag`. */
export function tagText(stored: string): string {
  if (stored === empty) return '';
  return stored.replace(/%(5C|0A|0D|09|00|25)/g, (code) => originals.get(code) ?? code);
}

/** A stored tag in line protocol. */
export function lineTag(stored: string): string {
  return stored.replace(/[,= ]/g, '\\$&');
}

/** A text as a string of InfluxQL. */
export function quoted(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
}
