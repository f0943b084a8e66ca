import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { StatusChange } from '../../domain/status-change.ts';

/** Who hears of devices while they are polled. Listening ends with what `on…` returns. */
export interface ChangeSources {
  readonly board: { onChange(listener: (change: Pick<StatusChange, 'events'>) => void): () => void };
  readonly facts: { onFoundOtherwise(listener: (deviceId: DeviceId) => void): () => void };
}

/**
 * What polling hears of a device that may mean that it is otherwise configured than before: it restarted (what was not
 * saved is gone, a rollback of its own has fired, another firmware runs), or is found to be another, or to have other
 * interfaces. A sign is no finding: who hears of it looks.
 */
export class ChangeSigns implements LongLived {
  readonly name = 'signs of changes';
  readonly #sources: ChangeSources;
  readonly #heard: (deviceId: DeviceId) => void;
  #stops: readonly (() => void)[] = [];

  constructor(sources: ChangeSources, heard: (deviceId: DeviceId) => void) {
    this.#sources = sources;
    this.#heard = heard;
  }

  async start(): Promise<void> {
    const { board, facts } = this.#sources;
    this.#stops = [
      board.onChange(({ events }) => {
        for (const { event } of events) {
          if (event.key === 'device.restarted' && event.entityId !== null) this.#heard(event.entityId as DeviceId);
        }
      }),
      facts.onFoundOtherwise(this.#heard),
    ];
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
  }
}
