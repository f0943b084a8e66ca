import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { StatusChange } from '../../domain/status-change.ts';
import type { ToldChange } from './told-changes.ts';

/** Who hears of devices while they are polled. Listening ends with what `on…` returns. */
export interface ChangeSources {
  readonly board: { onChange(listener: (change: Pick<StatusChange, 'events'>) => void): () => void };
  readonly facts: { onFoundOtherwise(listener: (deviceId: DeviceId) => void): () => void };
  /** Null where nobody listens to what devices say. */
  readonly told: { onTold(listener: ToldChange): () => void } | null;
}

/**
 * What is heard of a device that may mean that it is otherwise configured than before: it restarted (what was not
 * saved is gone, a rollback of its own has fired, another firmware runs), or is found to be another, or to have other
 * interfaces, or it says so itself. A sign is no finding: who hears of it looks.
 */
export class ChangeSigns implements LongLived {
  readonly name = 'signs of changes';
  readonly #sources: ChangeSources;
  readonly #heard: ToldChange;
  #stops: readonly (() => void)[] = [];

  constructor(sources: ChangeSources, heard: ToldChange) {
    this.#sources = sources;
    this.#heard = heard;
  }

  async start(): Promise<void> {
    const { board, facts, told } = this.#sources;
    this.#stops = [
      board.onChange(({ events }) => {
        for (const { event } of events) {
          if (event.key === 'device.restarted' && event.entityId !== null)
            this.#heard(event.entityId as DeviceId, null);
        }
      }),
      facts.onFoundOtherwise((deviceId) => this.#heard(deviceId, null)),
      ...(told === null ? [] : [told.onTold(this.#heard)]),
    ];
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
  }
}
