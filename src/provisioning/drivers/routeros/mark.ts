/**
 * What says on the device itself that Arung manages an entry, and as which fragment: the end of its comment. So what code
 * no longer lists is found there, whoever forgot it here.
 */
const marked = /^(?:([\s\S]*?)\s)?arung:([a-z0-9][a-z0-9._-]{0,63})$/;

export interface Comment {
  /** What a person wrote. */
  readonly text: string;
  /** Key of the fragment; null where it bears no mark. */
  readonly key: string | null;
}

export function readComment(comment: string | undefined): Comment {
  const found = marked.exec(comment ?? '');
  if (found === null) return { text: comment ?? '', key: null };
  return { text: found[1] ?? '', key: found[2] ?? null };
}

export function writeComment(text: string, key: string): string {
  return text === '' ? `arung:${key}` : `${text} arung:${key}`;
}
