import { stringify } from 'csv-stringify/sync';
import { lists, type Field, type Fields, type ListName } from './lists.ts';

/** One list as CSV (RFC 4180, UTF-8 with BOM, so that Excel reads it); secrets have no column. */
export function writeCsv(name: ListName, values: readonly Fields[]): string {
  const fields = lists[name].fields.filter((field) => field.name !== 'secret');
  const rows = values.map((value) => fields.map((field) => cellOf(field, value[field.name])));
  const header = fields.map((field) => field.name);
  return stringify([header, ...rows], { record_delimiter: '\r\n', bom: true, quoted_match: /[\r\n]/ });
}

function cellOf(field: Field, value: unknown): string {
  if (value === undefined || value === null) return '';
  switch (field.cell) {
    case 'list':
      return guarded(listCell(Array.isArray(value) ? value.map(String) : []));
    case 'json':
      return guarded(JSON.stringify(value));
    case 'number':
    case 'integer':
    case 'boolean':
      return String(value);
    case 'text':
      return guarded(String(value));
  }
}

/** Separated by semicolons; as JSON where an item holds one itself. */
function listCell(items: readonly string[]): string {
  return items.some((item) => item.includes(';') || item.startsWith('[')) ? JSON.stringify(items) : items.join(';');
}

/** What a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection). */
function guarded(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
