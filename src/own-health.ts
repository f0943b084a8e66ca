import { Gauge, type Registry } from 'prom-client';

/** How those who write history and those who send the live stream are, for `/metrics`: read when somebody asks. */
export function observeOwnHealth(
  registry: Registry,
  parts: {
    readonly history: { readonly statistics: { readonly waiting: number; readonly lost: number } };
    readonly live: { readonly statistics: { readonly sockets: number; readonly rooms: number } };
  },
): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(value());
        },
      }),
    );
  };
  const { history, live } = parts;
  gauge('arung_history_waiting_entries', 'States and events that wait to be written to PostgreSQL', () => {
    return history.statistics.waiting;
  });
  gauge('arung_history_lost_entries', 'States and events lost because PostgreSQL was away for too long', () => {
    return history.statistics.lost;
  });
  gauge('arung_live_sockets', 'Readers of the live stream', () => live.statistics.sockets);
  gauge('arung_live_rooms', 'Rooms of the live stream that are kept, by region', () => live.statistics.rooms);
}
