import { top } from './config.ts';
import type { LineContext, LineKind } from './lines.ts';
import type { Box, Maker, SectionFound } from './maker.ts';

/** What a line in configuration mode did. */
export type Configured =
  | { readonly kind: 'taken' }
  | { readonly kind: 'section'; readonly section: SectionFound }
  | { readonly kind: 'refused'; readonly lines: readonly string[] };

const taken = { kind: 'taken' } as const;

/** One line of configuration mode, in a section or outside; outside is also tried from within, as on the devices. */
export function configure(maker: Maker, box: Box, line: string, section: SectionFound | null): Configured {
  const negative = line.startsWith(`${maker.no} `) ? line.slice(maker.no.length + 1) : null;
  const scopes = section === null ? [global] : [{ kind: section.kind, header: section.header }, global];
  for (const { kind, header } of scopes) {
    const context: LineContext = { config: box.running, header, device: box.host.name };
    const done = negative === null ? set(maker, context, kind, line) : unset(maker, context, kind, negative);
    if (done !== null) return done;
  }
  if (negative === null) return opened(maker, box, line);
  return dropped(maker, box, negative);
}

const global: SectionFound = { kind: 'global', header: top };

function set(maker: Maker, context: LineContext, kind: string, line: string): Configured | null {
  for (const one of maker.lines) {
    const found = one.in === kind ? one.pattern.exec(line) : null;
    if (found === null) continue;
    const refusal = one.refusal?.(found, context) ?? null;
    if (refusal !== null) return { kind: 'refused', lines: [refusal] };
    put(one, found, context, line);
    return taken;
  }
  return null;
}

function put(one: LineKind, found: RegExpExecArray, context: LineContext, line: string): void {
  if (one.change !== undefined) return one.change(found, context);
  const { config, header } = context;
  const entry = one.entry === undefined ? { text: line } : one.entry(found, context);
  if (entry === null) config.unset(header, one.key(found));
  else config.set(header, one.key(found), entry);
}

/** Takes away by the whole line, or by the words that begin it: `no description`. */
function unset(maker: Maker, context: LineContext, kind: string, line: string): Configured | null {
  const { config, header } = context;
  for (const one of maker.lines) {
    const found = one.in === kind ? one.pattern.exec(line) : null;
    if (found === null) continue;
    if (one.undo !== undefined) one.undo(found, context);
    else config.unset(header, one.key(found));
    return taken;
  }
  const keys = [...config.entries(header).keys()].filter((key) => key === line || key.startsWith(`${line} `));
  if (keys.length === 0) return knows(maker, kind, line) ? taken : null;
  for (const key of keys) config.unset(header, key);
  return taken;
}

/** Whether words begin a line that could stand there, though none does. */
function knows(maker: Maker, kind: string, words: string): boolean {
  return maker.lines.some((one) => one.in === kind && one.pattern.source.startsWith(`^${words}`));
}

function opened(maker: Maker, box: Box, line: string): Configured {
  const section = maker.section(line, box);
  if (section === null) return { kind: 'refused', lines: maker.unknown };
  if ('refusal' in section) return { kind: 'refused', lines: [section.refusal] };
  box.running.open(section.header);
  return { kind: 'section', section };
}

function dropped(maker: Maker, box: Box, line: string): Configured {
  const section = maker.section(line, box);
  if (section === null || 'refusal' in section) return { kind: 'refused', lines: maker.unknown };
  if (!maker.removable.test(section.header)) return { kind: 'refused', lines: ['% Removal of physical interfaces is not permitted', 'Error: The interface cannot be removed.'] }; // prettier-ignore
  box.running.drop(section.header);
  return taken;
}
