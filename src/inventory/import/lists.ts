import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import {
  DocumentCalendar,
  DocumentContact,
  DocumentCredential,
  DocumentDevice,
  DocumentInterface,
  DocumentLink,
  DocumentRegion,
  DocumentService,
  DocumentSharedRisk,
  DocumentSite,
  InventoryDocument,
} from '../document.ts';

/** The lists of a document, in the order in which they depend on each other. */
export const listNames = [
  'regions',
  'calendars',
  'contacts',
  'credentials',
  'sharedRisks',
  'sites',
  'devices',
  'interfaces',
  'links',
  'services',
  'agents',
] as const;
export type ListName = (typeof listNames)[number];

/** One thing of a list, as the document has it. */
export type Fields = Readonly<Record<string, unknown>>;

/** How the text of a CSV's cell is read. */
export type CellType = 'text' | 'number' | 'integer' | 'boolean' | 'list' | 'json';

export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly cell: CellType;
  readonly nullable: boolean;
  /** An empty cell means that nothing is said, since the field has no empty value. */
  readonly skipEmpty: boolean;
}

export interface List {
  readonly name: ListName;
  /** What one of it is called. */
  readonly noun: string;
  readonly fields: readonly Field[];
  readonly validator: Validator;
  /** The name by which a person calls it. */
  keyOf(value: Fields): string;
}

const byName = (value: Fields) => String(value['name'] ?? '');
const byCode = (value: Fields) => String(value['code'] ?? '');

const agentSchema = InventoryDocument.properties.agents.items;

export const lists: Readonly<Record<ListName, List>> = {
  regions: listOf('regions', 'region', DocumentRegion, byCode),
  calendars: listOf('calendars', 'calendar', DocumentCalendar, byName),
  contacts: listOf('contacts', 'contact', DocumentContact, byName),
  credentials: listOf('credentials', 'credential', DocumentCredential, byName),
  sharedRisks: listOf('sharedRisks', 'shared risk', DocumentSharedRisk, byName),
  sites: listOf('sites', 'site', DocumentSite, byCode),
  devices: listOf('devices', 'device', DocumentDevice, byName),
  interfaces: listOf('interfaces', 'interface', DocumentInterface, (value) =>
    interfaceKey(value['device'], value['name']),
  ),
  links: listOf('links', 'link', DocumentLink, byName),
  services: listOf('services', 'service', DocumentService, byCode),
  agents: listOf('agents', 'agent', agentSchema, byName),
};

export function isListName(name: string): name is ListName {
  return (listNames as readonly string[]).includes(name);
}

/** An interface is called by its device's name, which has no colon, and its own, which may have. */
export function interfaceKey(device: unknown, name: unknown): string {
  return `${String(device)}:${String(name)}`;
}

interface ObjectSchema extends TSchema {
  readonly properties: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

function listOf(name: ListName, noun: string, schema: ObjectSchema, keyOf: (value: Fields) => string): List {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties).map(([field, type]) => describe(field, type, required.has(field)));
  return { name, noun, fields, validator: Compile(schema), keyOf };
}

/** A schema as JSON Schema has it. */
interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly minLength?: number;
}

function describe(name: string, schema: JsonSchema, required: boolean): Field {
  const options = schema.anyOf ?? [schema];
  const nullable = options.some((option) => option.type === 'null');
  const main = options.find((option) => option.type !== 'null') ?? schema;
  const cell = cellOf(main, options.length > 2 || (options.length === 2 && !nullable));
  const emptyText = cell === 'text' && main.enum === undefined && name !== 'secret';
  const skipEmpty = !required && !emptyText && !nullable && cell !== 'list';
  return { name, required, cell, nullable, skipEmpty };
}

function cellOf(schema: JsonSchema, mixed: boolean): CellType {
  if (mixed) return 'text';
  switch (schema.type) {
    case 'number':
    case 'integer':
    case 'boolean':
      return schema.type;
    case 'array':
      return schema.items?.type === 'object' ? 'json' : 'list';
    case 'object':
      return 'json';
    default:
      return 'text';
  }
}
