/** `GET /api/v1/search?q=`: what the palette finds on the controller. */
export interface SearchHit {
  readonly kind: 'site' | 'device' | 'link' | 'region';
  readonly id: string;
  readonly name: string;
  /** Code, address, model: what tells it from others of the name. */
  readonly detail: string;
}

export interface SearchView {
  readonly items: readonly SearchHit[];
}

export function pathOfHit(hit: Pick<SearchHit, 'kind' | 'id'>): string {
  switch (hit.kind) {
    case 'device':
      return `/devices/${encodeURIComponent(hit.id)}`;
    case 'site':
      return `/sites/${encodeURIComponent(hit.id)}`;
    case 'link':
      return `/links?q=${encodeURIComponent(hit.id)}`;
    default:
      return `/sites?region=${encodeURIComponent(hit.id)}`;
  }
}

/** A text cut around what was looked for, so that it can be marked: before, match, after. */
export function splitMatch(text: string, wanted: string): readonly [string, string, string] {
  const at = wanted === '' ? -1 : text.toLowerCase().indexOf(wanted.toLowerCase());
  return at < 0
    ? [text, '', '']
    : [text.slice(0, at), text.slice(at, at + wanted.length), text.slice(at + wanted.length)];
}
