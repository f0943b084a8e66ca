import { Type } from 'typebox';
import type { Devices } from '../inventory/devices.ts';
import type { MetricStore } from '../metrics/store.ts';
import { readExternalName } from './external-series.ts';
import { KeyParameter } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';
import type { ExternalValuesView, ExternalValueView } from './views.ts';

/** What was not measured for so long is not shown any more, in seconds. */
const maxAgeS = 3_600;

const Values = Type.Unsafe<ExternalValuesView>(
  Type.Object({
    items: Type.Array(
      Type.Object({
        sensor: Type.String({ description: 'Key of the series, for `filter.sensor` of a query of `external`.' }),
        measurement: Type.String({ examples: ['cpu'] }),
        tags: Type.Record(Type.String(), Type.String()),
        field: Type.String({ examples: ['usage_idle'] }),
        value: Type.Number(),
        at: Type.String({ format: 'date-time' }),
      }),
    ),
    next: Type.Null(),
  }),
);

/** The last values that publishers such as Telegraf handed in about a device. */
export function externalValueRoutes(parts: {
  readonly devices: Devices;
  readonly store: Pick<MetricStore, 'latest'>;
}): RouteGroup {
  const { devices, store } = parts;
  return (app) => {
    app.get(
      '/devices/:key/external',
      {
        config: { permission: 'metrics.read' },
        schema: {
          tags: ['metrics'],
          summary: 'What Telegraf and others measured of a device in the last hour, under its own names',
          params: KeyParameter,
          response: { 200: Values },
        },
      },
      async (request) => {
        const { id } = (await devices.get(request.access, request.params.key)).entity;
        const points = await store.latest('external', { device: [id] }, maxAgeS);
        const items = points.flatMap(({ tags, time, values }): ExternalValueView[] => {
          const sensor = tags['sensor'] ?? '';
          const name = readExternalName(sensor);
          const value = values['value'];
          if (name === null || value === undefined) return [];
          return [{ sensor, ...name, value, at: new Date(time * 1_000).toISOString() }];
        });
        return { items: items.sort((one, other) => (one.sensor < other.sensor ? -1 : 1)), next: null };
      },
    );
  };
}
