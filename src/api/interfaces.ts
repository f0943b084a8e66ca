import { Type } from 'typebox';
import type { Access } from '../domain/access.ts';
import { Interface } from '../domain/device.ts';
import type { Devices } from '../inventory/devices.ts';
import type { DeviceKnowledge } from '../inventory/device-knowledge.ts';
import { InterfaceDraft, type Interfaces } from '../inventory/interfaces.ts';
import { getRoute, writeRoutes } from './collection-routes.ts';
import { KeyParameter, MaybeNumber, MaybeText, PageOf } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';
import type { StateReader } from './state-reader.ts';
import type { InterfaceView } from './views.ts';

const words = { path: '/interfaces', tag: 'interfaces', noun: 'interface', keyIs: 'id' } as const;

/** IF-MIB ifOperStatus, by its number. */
const operStatuses = ['up', 'down', 'testing', 'unknown', 'dormant', 'not-present', 'lower-layer-down'] as const;
type OperStatus = (typeof operStatuses)[number];

const InterfaceShape = Type.Object({
  ...Interface.properties,
  operStatus: Type.Union([Type.Unsafe<OperStatus>(Type.Enum([...operStatuses])), Type.Null()]),
  inBps: MaybeNumber,
  outBps: MaybeNumber,
  link: Type.Union([
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      deviceId: Type.String(),
      deviceName: Type.String(),
      siteName: Type.String(),
    }),
    Type.Null(),
  ]),
});

const NeighbourShape = Type.Object({
  localInterface: Type.String(),
  remoteName: Type.String(),
  remotePort: Type.String(),
  remoteChassis: Type.String(),
  /** The device of the inventory that goes by this name; null for a stranger. */
  deviceId: MaybeText,
});

const FactsShape = Type.Object({
  at: Type.String({ format: 'date-time' }),
  sysName: Type.String(),
  sysDescr: Type.String(),
  sysObjectId: Type.String(),
  profile: Type.String(),
  readings: Type.Array(
    Type.Object({
      measurement: Type.Enum(['device', 'sensor']),
      field: Type.String(),
      key: Type.String(),
      label: Type.String(),
      unit: Type.String(),
    }),
  ),
});

/** Interfaces of devices, and what the devices said of themselves when they were identified. */
export function interfaceRoutes(options: {
  readonly devices: Devices;
  readonly interfaces: Interfaces;
  readonly knowledge: DeviceKnowledge;
  readonly live: StateReader;
}): RouteGroup {
  const { devices, interfaces, knowledge, live } = options;
  const toView = (one: Interface & Partial<Pick<InterfaceView, 'link'>>, _access: Access): InterfaceView => {
    const facts = live.interfaceFacts(one.id);
    const link = one.link ?? null;
    return {
      ...one,
      operStatus: operStatuses[(facts?.operStatus ?? 0) - 1] ?? null,
      inBps: facts?.inBps ?? null,
      outBps: facts?.outBps ?? null,
      link: link && {
        id: link.id,
        name: link.name,
        deviceId: link.deviceId,
        deviceName: link.deviceName,
        siteName: link.siteName,
      },
    };
  };
  const config = { permission: 'inventory.read' } as const;
  const tags = ['devices'];

  return (app) => {
    app.get(
      '/devices/:key/interfaces',
      {
        config,
        schema: {
          tags,
          summary: 'Interfaces of a device, with their last sample and the link that ends there',
          params: KeyParameter,
          response: { 200: PageOf(InterfaceShape) },
        },
      },
      async (request) => {
        const device = await devices.get(request.access, request.params.key);
        const rows = await interfaces.ofDevice(request.access, device.entity.id);
        return { items: rows.map((row) => toView(row, request.access)), next: null };
      },
    );

    app.get(
      '/devices/:key/neighbours',
      {
        config,
        schema: {
          tags,
          summary: 'Neighbours by LLDP, as the device showed them when it was identified',
          params: KeyParameter,
          response: { 200: PageOf(NeighbourShape) },
        },
      },
      async (request) => {
        const device = await devices.get(request.access, request.params.key);
        return { items: await knowledge.neighbours(request.access, device.entity.id), next: null };
      },
    );

    app.get(
      '/devices/:key/facts',
      {
        config,
        schema: {
          tags,
          summary: 'What a device said of itself, and what can be read from it',
          description: 'Text is the device’s own words. Null before its first identification.',
          params: KeyParameter,
          response: { 200: Type.Union([FactsShape, Type.Null()]) },
        },
      },
      async (request, reply) => {
        const device = await devices.get(request.access, request.params.key);
        const facts = await knowledge.facts(device.entity.id);
        if (facts === null) return reply.header('content-type', 'application/json').send(null);
        return reply.send({
          at: new Date(facts.at).toISOString(),
          sysName: facts.sysName,
          sysDescr: facts.sysDescr,
          sysObjectId: facts.sysObjectId,
          profile: facts.profile,
          readings: facts.readings.map(({ measurement, field, key, label, unit }) => ({
            measurement,
            field,
            key,
            label,
            unit,
          })),
        });
      },
    );

    getRoute(app, words, { view: InterfaceShape, collection: interfaces, toView });
    writeRoutes(app, words, {
      view: InterfaceShape,
      draft: InterfaceDraft,
      collection: interfaces,
      toView,
      // An example has made-up ids; the schema's brands are for the program.
      example: { deviceId: '01939f2e-0000-7000-8000-000000000001', name: 'sfp-sfpplus1', speedBps: 1e10 } as never,
    });
  };
}
