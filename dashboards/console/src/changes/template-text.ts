/** A fragment as a template's text has it. */
export interface TextFragment {
  readonly key: string;
  readonly subject: string;
  readonly order: number;
  readonly values: Readonly<Record<string, string>>;
  readonly secret: readonly string[];
}

/** What is wrong with a line, from 1; the catalogues have `templates.text.…` for each. */
export interface TextFault {
  readonly line: number;
  readonly reason: 'head' | 'no-head' | 'property' | 'quotes' | 'twice';
}

export interface ParsedText {
  readonly fragments: readonly TextFragment[];
  readonly faults: readonly TextFault[];
  /** The line, from 1, that a JSON pointer of the controller means: `/fragments/2/values/servers`. */
  readonly lineOf: (field: string) => number | null;
}

/** Stands for a secret that stays what it was. */
export const keptSecret = '•••';

/**
 * Fragments as lines: each under its subject and key, with `@10` behind for its place among others where that is not 0, its
 * properties indented. A star marks a secret. What would not be one line stands in quotes, as in JSON.
 */
export function templateText(fragments: readonly TextFragment[]): string {
  return fragments
    .map(({ key, subject, order, values, secret }) => {
      const names = [...new Set([...Object.keys(values), ...secret])].sort();
      const lines = names.map((name) => {
        const value = values[name];
        const mark = secret.includes(name) ? '*' : '';
        return `    ${mark}${name}=${value === undefined ? keptSecret : shown(value)}\n`;
      });
      return `${subject} ${key}${order === 0 ? '' : ` @${order}`}\n${lines.join('')}`;
    })
    .join('\n');
}

/** What a text of each kind of device could begin with, for who has never seen one. */
export const textExamples: Readonly<Record<string, string>> = {
  routeros: '/system/ntp/client ntp\n    enabled=yes\n    servers={{variable:ntp-server}}',
  cli: 'global jam\n    ntp.server={{variable:ntp-server}}',
  zkteco: 'server adms\n    address={{variable:adms-server}}',
};

/** The other way round. Blank lines say nothing. */
export function parsedText(text: string): ParsedText {
  const faults: TextFault[] = [];
  const found: { fragment: TextFragment; line: number; lines: Map<string, number> }[] = [];
  text.split(/\r?\n/).forEach((raw, at) => {
    const line = at + 1;
    if (raw.trim() === '') return;
    const last = found.at(-1);
    if (!/^\s/.test(raw)) {
      const fragment = headOf(raw.trim());
      if (fragment === null) faults.push({ line, reason: 'head' });
      else found.push({ fragment, line, lines: new Map() });
      return;
    }
    if (last === undefined) return void faults.push({ line, reason: 'no-head' });
    const [, star, name, written] = /^(\*?)([^\s=*]+)\s*=\s*(.*)$/.exec(raw.trim()) ?? [];
    if (name === undefined || written === undefined) return void faults.push({ line, reason: 'property' });
    const value = valueOf(written);
    if (value === null) return void faults.push({ line, reason: 'quotes' });
    if (last.lines.has(name)) return void faults.push({ line, reason: 'twice' });
    last.lines.set(name, line);
    const { fragment } = last;
    const isKept = value === keptSecret;
    last.fragment = {
      ...fragment,
      values: isKept ? fragment.values : { ...fragment.values, [name]: value },
      secret: isKept || star === '*' ? [...fragment.secret, name] : fragment.secret,
    };
  });
  return {
    fragments: found.map(({ fragment }) => fragment),
    faults,
    lineOf: (field) => {
      const [, at, property] = /^\/fragments\/(\d+)(?:\/values\/(.+))?$/.exec(field) ?? [];
      const one = at === undefined ? undefined : found[Number(at)];
      return one === undefined ? null : (one.lines.get(property ?? '') ?? one.line);
    },
  };
}

function headOf(line: string): TextFragment | null {
  const [, subject, key, order] = /^(\S.*?)\s+([^\s@]+)(?:\s+@(-?\d{1,7}))?$/.exec(line) ?? [];
  if (subject === undefined || key === undefined) return null;
  return { subject, key, order: Number(order ?? 0), values: {}, secret: [] };
}

function shown(value: string): string {
  return /^[^\s"]+( [^\s"]+)*$/.test(value) && value !== keptSecret ? value : JSON.stringify(value);
}

function valueOf(written: string): string | null {
  if (!written.startsWith('"')) return written;
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
