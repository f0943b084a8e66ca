import type { Property } from '../menu-kind.ts';
import type { ValueKind } from '../values.ts';

export const text: ValueKind = { is: 'text' };
export const secret: ValueKind = { is: 'text', secret: true };
export const bool: ValueKind = { is: 'bool' };
export const number: ValueKind = { is: 'number' };
export const port: ValueKind = { is: 'number', most: 65_535 };
export const time: ValueKind = { is: 'time' };
export const address: ValueKind = { is: 'address' };
export const prefix: ValueKind = { is: 'prefix' };
export const iface: ValueKind = { is: 'interface' };
export const list = (of: ValueKind): ValueKind => ({ is: 'list', of });
export const oneOf = (...values: string[]): ValueKind => ({ is: 'one-of', values });

/** What nearly every entry has (help.mikrotik.com, "Command Line Interface"). */
export const common = { disabled: { kind: bool, default: 'false' }, comment: { kind: text } };
export const named = { name: { kind: text, required: true } } as const;
export const uniqueName = { by: ['name'], says: 'failure: already have such name' } as const;

export const match = {
  'src-address': { kind: text },
  'dst-address': { kind: text },
  'src-address-list': { kind: text },
  'dst-address-list': { kind: text },
  'in-interface': { kind: text },
  'out-interface': { kind: text },
  'in-interface-list': { kind: text },
  'out-interface-list': { kind: text },
  protocol: { kind: text },
  'src-port': { kind: text },
  'dst-port': { kind: text },
  'connection-state': { kind: text },
  'connection-mark': { kind: text },
  log: { kind: bool, default: 'false' },
  'log-prefix': { kind: text, default: '' },
} as const;

export function actions(...values: string[]): Readonly<Record<string, Property>> {
  return {
    chain: { kind: text, required: true },
    action: { kind: oneOf(...values), default: 'accept' },
    'jump-target': { kind: text },
  };
}
