import { parseArgs } from 'node:util';
import { shapes, syntheticInventory } from './synthetic-inventory.ts';

/** Prints an inventory of a shape: `node bench/make-inventory.ts --shape ring --devices 10000 --seed 1 > ring.json`. */
const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: 'tree' },
    devices: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const shape = shapes.find((one) => one === values.shape);
if (shape === undefined) {
  process.stderr.write(`--shape is one of ${shapes.join(', ')}.\n`);
  process.exitCode = 1;
} else {
  const document = syntheticInventory({ shape, devices: Number(values.devices), seed: Number(values.seed) });
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
