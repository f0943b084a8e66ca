export interface HardCodedText {
  readonly text: string;
  /** Offset in the file. */
  readonly start: number;
}

/** Attributes that a person reads or hears. */
const read = new Set([
  'alt',
  'aria-label',
  'aria-description',
  'label',
  'placeholder',
  'title',
  'text',
  'hint',
  'strong',
]);
/** Inside these nobody reads prose: names of keys, drawings. */
const mute = new Set(['kbd', 'style', 'script', 'svg']);
const isProse = (text: string): boolean => /\p{L}{2,}/u.test(text);

interface Node {
  readonly type?: string;
  readonly name?: string;
  readonly data?: string;
  readonly start?: number;
  readonly value?: unknown;
  readonly [part: string]: unknown;
}

/** Words that stand in a component's markup instead of a catalogue. Takes the fragment that Svelte's parser gives. */
export function hardCodedTexts(fragment: unknown): readonly HardCodedText[] {
  const found: HardCodedText[] = [];
  walk(fragment, found);
  return found;
}

function walk(value: unknown, found: HardCodedText[]): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  if (node.type === 'Text' && isProse(node.data ?? '')) {
    found.push({ text: (node.data ?? '').trim(), start: node.start ?? 0 });
    return;
  }
  if (node.type === 'StyleDirective' || node.type === 'ClassDirective') return;
  if (node.type === 'RegularElement' && mute.has(node.name ?? '')) return;
  if (node.type === 'Attribute') {
    if (!read.has(node.name ?? '')) return;
    walk(node.value, found);
    return;
  }
  for (const [name, part] of Object.entries(node)) if (name !== 'metadata' && name !== 'expression') walk(part, found);
}
