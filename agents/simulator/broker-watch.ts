import { connect } from 'node:net';

const againMs = 200;

/**
 * Waits for the broker on behalf of all terminals: hundreds of them that try by themselves while it is not there yet would
 * take the processor from whoever starts it. Returns the way to stop waiting.
 */
export function whenBrokerListens(
  broker: { readonly host: string; readonly port: number },
  then: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const ask = (): void => {
    const socket = connect({ ...broker, family: 4 });
    socket.once('connect', () => {
      socket.destroy();
      if (!stopped) then();
    });
    socket.once('error', () => {
      socket.destroy();
      if (!stopped) timer = setTimeout(ask, againMs);
    });
  };
  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
