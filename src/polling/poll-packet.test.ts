import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

it('asks devices alike with one request, and with others while its bytes wait for the kernel', async () => {
  const script = new URL('testing/asked-alike.ts', import.meta.url);
  const child = fork(script, { execArgv: ['--test-udp-no-try-send'] });
  const [told] = await once(child, 'message');
  expect(told).toEqual({ requests: 1, answered: 4, timeouts: 0, wrongSource: 0 });
  await once(child, 'exit');
});
