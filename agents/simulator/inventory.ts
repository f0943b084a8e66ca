import { readFileSync } from 'node:fs';

/**
 * What the simulator reads of an inventory document (format `arung-inventory/1`). Its own words for it: the simulator
 * shares nothing with the controller but the file.
 */
export interface InventorySite {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
}

export interface InventoryDevice {
  readonly name: string;
  readonly site: string;
  readonly role: string;
  readonly gateway?: boolean;
  readonly protocol?: string;
  readonly address?: string;
  readonly port?: number;
  readonly credential?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly serial?: string;
}

export interface InventoryInterface {
  readonly device: string;
  readonly name: string;
  readonly description?: string;
  readonly mac?: string;
  readonly speedBps?: number;
}

export type Medium = 'fibre' | 'radio' | 'copper' | 'vsat' | '4g';

export interface InventoryLink {
  readonly name: string;
  readonly medium: Medium;
  readonly capacityBps: number;
  readonly a: string;
  readonly b: string;
}

export interface InventoryCredential {
  readonly name: string;
  readonly kind: string;
  readonly user?: string;
  readonly secret?: unknown;
}

export interface InventoryService {
  readonly code: string;
  readonly name: string;
  readonly device?: string;
  readonly url?: string;
}

export interface Inventory {
  readonly sites: readonly InventorySite[];
  readonly devices: readonly InventoryDevice[];
  readonly interfaces: readonly InventoryInterface[];
  readonly links: readonly InventoryLink[];
  readonly services: readonly InventoryService[];
  readonly credentials: readonly InventoryCredential[];
  readonly sharedRisks: readonly { readonly name: string; readonly kind: string; readonly sites?: readonly string[] }[];
  readonly calendars: readonly {
    readonly windows: readonly {
      readonly purpose: string;
      readonly weekdays: readonly number[];
      readonly from: string;
      readonly to: string;
    }[];
  }[];
  /** Devices at which the controller's agent is plugged in. */
  readonly attachedTo: readonly string[];
}

export function readInventoryFile(path: string): Inventory {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`The inventory ${path} cannot be read as JSON: give the path of an arung-inventory/1 document.`, {
      cause,
    });
  }
  return inventoryOf(document);
}

export function inventoryOf(document: unknown): Inventory {
  const root = record(document);
  if (root['format'] !== 'arung-inventory/1') {
    throw new Error('The inventory is not in the format arung-inventory/1: export it from Arung again.');
  }
  const list = <T>(key: string): readonly T[] => (Array.isArray(root[key]) ? (root[key] as T[]) : []);
  const devices = list<InventoryDevice>('devices');
  const agents = list<{ attachedTo?: readonly string[] }>('agents');
  const attached = agents.flatMap((agent) => agent.attachedTo ?? []);
  const first = devices.find((device) => device.gateway === true) ?? devices[0];
  return {
    sites: list('sites'),
    devices,
    interfaces: list('interfaces'),
    links: list('links'),
    services: list('services'),
    credentials: list('credentials'),
    sharedRisks: list('sharedRisks'),
    calendars: list('calendars'),
    attachedTo: attached.length > 0 ? attached : first === undefined ? [] : [first.name],
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
