import { readdirSync, readFileSync } from 'node:fs';

/** A process and its children (Linux: /proc): a server with those that work for it. */
export function processFamily(parent: number): readonly number[] {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]) === parent;
    } catch {
      return false; // it ended meanwhile
    }
  });
  return [parent, ...children.map(Number)];
}
