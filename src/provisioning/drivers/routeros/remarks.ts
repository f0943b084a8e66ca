import { mask } from '../masking.ts';
import type { ApiRow } from './api-client.ts';
import { unquoted, wordsOf } from './export-commands.ts';
import type { Transport } from './transport.ts';

/**
 * What an export leaves out and one wants to know of a device (help.mikrotik.com, "Configuration Management"): who may sign
 * in, and which SNMP communities are answered, the one from the box among them. As remarks at the end of a backup, so that
 * nothing takes them for commands.
 */
export async function remarks(transport: Transport): Promise<{ readonly clear: string; readonly masked: string }> {
  const [users, communities] = await Promise.all([
    transport.run({ path: '/user/print', values: { '.proplist': 'name,group,disabled,address' } }),
    transport.run({ path: '/snmp/community/print', values: { '.proplist': 'name,disabled' } }),
  ]);
  return remarksOf(users.rows, communities.rows);
}

export function remarksOf(
  users: readonly ApiRow[],
  communities: readonly ApiRow[],
): { readonly clear: string; readonly masked: string } {
  const people = users.map((row) => `# user ${wordsOfRow(row, ['name', 'group', 'address', 'disabled'])}\n`).sort();
  const named = communities.map((row) => ({
    clear: `# snmp community ${wordsOfRow(row, ['name', 'disabled'])}\n`,
    masked: `# snmp community ${wordsOfRow({ ...row, name: mask }, ['name', 'disabled'])}\n`,
  }));
  named.sort((a, b) => (a.clear < b.clear ? -1 : 1));
  return {
    clear: [...people, ...named.map(({ clear }) => clear)].join(''),
    masked: [...people, ...named.map(({ masked }) => masked)].join(''),
  };
}

/** Names of the entries of a kind that are on; null where a backup has no remarks. */
export function namesIn(text: string, kind: 'user' | 'snmp community'): readonly string[] | null {
  const lines = text.split('\n').filter((line) => line.startsWith('# user ') || line.startsWith('# snmp community '));
  if (lines.length === 0) return null;
  return lines.flatMap((line) => {
    const words = wordsOf(line.slice(2));
    if (!line.startsWith(`# ${kind} `) || words.includes('disabled=yes')) return [];
    return words.flatMap((word) => (word.startsWith('name=') ? [unquoted(word.slice('name='.length))] : []));
  });
}

function wordsOfRow(row: ApiRow, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const value = row[name] ?? '';
      if (name === 'disabled') return value === 'true' || value === 'yes' ? ['disabled=yes'] : [];
      return value === '' ? [] : [`${name}=${quoted(value)}`];
    })
    .join(' ');
}

function quoted(text: string): string {
  const line = text.replace(/\p{Cc}/gu, ' ');
  return /^[A-Za-z0-9._@/,:•-]+$/.test(line) ? line : `"${line.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
