import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cacheLineBytes } from '../src/polling/timer-wheel.ts';
import { runOn } from './on-processor.ts';

/**
 * What else a machine does between two polls of a device, as far as the processor's caches tell: twice a second it has gone
 * through more memory of its own than the largest of them holds, a tenth of it at a time. First argument: the processor.
 */
const passMs = 500;
const pieces = 10;
/** Of the largest cache; what it replaces is not quite what was unused for the longest time. */
const share = 1.25;
/** Where the system does not tell, or tells only of what is nearer. */
const leastBytes = 64 * 1024 * 1024;

runOn(Number(process.argv[2] ?? 0));
const memory = new Uint8Array(largestCacheBytes() * share);
const pieceBytes = memory.length / pieces;
let from = 0;
setInterval(() => {
  for (let i = from; i < from + pieceBytes; i += cacheLineBytes) memory[i] = (memory[i] ?? 0) + 1;
  from = (from + pieceBytes) % memory.length;
}, passMs / pieces);
process.on('disconnect', () => process.exit(0));

/** Of the processor's caches (Linux: sysfs-devices-system-cpu, `cache/index*`/size, as `266240K`). */
function largestCacheBytes(): number {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  const levels = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('index')) : [];
  const sizes = levels.map((level) => Number.parseInt(readFileSync(`${folder}/${level}/size`, 'utf8'), 10) * 1024);
  return Math.max(leastBytes, ...sizes);
}
