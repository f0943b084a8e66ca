import type { InterfaceView, LinkListView, MapLink, SeriesQueryView } from '../../../../src/api/views.ts';
import { api } from '../lib/api.ts';
import { currentTime } from '../lib/now.svelte.ts';
import { querySeries } from '../lib/series.ts';

/** What one port of a link says. Null where it was not measured. */
export interface PortEvidence {
  readonly interfaceId: string;
  readonly siteId: string;
  readonly name: string;
  readonly status: 'up' | 'down' | 'unknown';
  /** Received optical power, dBm: the last value, and the median of the hours before it broke. */
  readonly receive: number | null;
  readonly usualReceive: number | null;
  /** Bits per second through it in the ten minutes before it broke, the busier direction. */
  readonly before: number | null;
}

const hours = 3 * 3600;

/** Reads the ports at those ends of a link that are up; for a link that is down also light and traffic before. */
export async function readLinkEvidence(
  link: MapLink,
  since: number | null,
  isUp: (siteId: string) => boolean,
  signal: AbortSignal,
): Promise<PortEvidence[]> {
  const full = await api.get<LinkListView>(`/links/${encodeURIComponent(link.id)}`, { signal });
  const ends = [full.a, full.b].map((end, i) => ({ ...end, siteId: i === 0 ? link.a : link.b }));
  const found = await Promise.all(
    ends
      .filter((end) => isUp(end.siteId))
      .map(async (end): Promise<PortEvidence | null> => {
        const { items } = await api.get<{ items: readonly InterfaceView[] }>(`/devices/${end.deviceId}/interfaces`, {
          signal,
        });
        const port = items.find((one) => one.id === end.interfaceId);
        if (!port) return null;
        const none = { receive: null, usualReceive: null, before: null };
        const measured =
          since === null ? none : await whatWasMeasured(end.deviceId, port, since, signal).catch(() => none);
        return {
          interfaceId: end.interfaceId,
          siteId: end.siteId,
          name: port.name,
          status: port.operStatus === 'up' ? 'up' : isDown(port.operStatus) ? 'down' : 'unknown',
          ...measured,
        };
      }),
  );
  return found.filter((one) => one !== null);
}

const isDown = (status: InterfaceView['operStatus']) => status === 'down' || status === 'lower-layer-down';

async function whatWasMeasured(
  device: string,
  port: InterfaceView,
  since: number,
  signal: AbortSignal,
): Promise<Pick<PortEvidence, 'receive' | 'usualReceive' | 'before'>> {
  const broke = Math.floor(since / 1000);
  const now = Math.ceil(currentTime() / 1000);
  const light = querySeries(
    {
      measurement: 'sensor',
      fields: ['value'],
      filter: { device: [device], sensor: [`optical-rx.${port.name}`] },
      from: broke - hours,
      to: now,
      maxPoints: 400,
      aggregate: 'last',
    },
    { signal },
  );
  const traffic = querySeries(
    {
      measurement: 'interface',
      fields: ['in_bps', 'out_bps'],
      filter: { device: [device], interface: [port.id] },
      from: broke - 600,
      to: broke,
      maxPoints: 20,
      aggregate: 'mean',
    },
    { signal },
  );
  const [received, passed] = (await Promise.all([light, traffic])).map(points) as [Measured[], Measured[]];
  const after = received.filter((point) => point.at >= broke);
  const before = received.filter((point) => point.at < broke - 60);
  return {
    receive: after.at(-1)?.value ?? null,
    usualReceive: after.length === 0 ? null : median(before.map((point) => point.value)),
    before: busiest(passed.filter((point) => point.at < broke - 60)),
  };
}

/** Nothing passed is not worth a line: the measuring may just have begun. */
function busiest(passed: readonly Measured[]): number | null {
  const most = Math.max(0, ...passed.map((point) => point.value));
  return most > 0 ? most : null;
}

interface Measured {
  readonly at: number;
  readonly value: number;
}

function points(view: SeriesQueryView): Measured[] {
  return view.series
    .flatMap((one) => one.values.map((value, i) => ({ at: view.times[i] ?? 0, value })))
    .filter((point): point is Measured => point.value !== null)
    .sort((a, b) => a.at - b.at);
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? null)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
