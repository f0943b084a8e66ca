import { cacheLineBytes } from '../src/polling/timer-wheel.ts';
import { runOn } from './on-processor.ts';

/**
 * What shares a controller's processor in life (PostgreSQL, a broker, the API) as far as the processor's caches tell: every now
 * and then it goes through more memory of its own than the second level of any holds. First argument: the processor.
 */
const memory = new Uint8Array(8 * 1024 * 1024);
const betweenMs = 50;

runOn(Number(process.argv[2] ?? 0));
setInterval(() => {
  for (let i = 0; i < memory.length; i += cacheLineBytes) memory[i] = (memory[i] ?? 0) + 1;
}, betweenMs);
process.on('disconnect', () => process.exit(0));
