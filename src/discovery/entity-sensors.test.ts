import { describe, expect, it } from 'vitest';
import { MemoryReader } from '../../tests/support/memory-reader.ts';
import { ciscoEntitySensors, entitySensors } from './entity-sensors.ts';

function device(base: string, change: Readonly<Record<string, number | string>> = {}): MemoryReader {
  return MemoryReader.of({
    [`${base}.1.11`]: 8, // celsius
    [`${base}.1.12`]: 14, // dBm
    [`${base}.2.11`]: 9, // units
    [`${base}.2.12`]: 9,
    [`${base}.3.11`]: 1,
    [`${base}.3.12`]: 1,
    [`${base}.4.11`]: 415,
    [`${base}.4.12`]: -73,
    [`${base}.5.11`]: 1, // ok
    [`${base}.5.12`]: 1,
    '1.3.6.1.2.1.47.1.1.1.1.7.11': 'Inlet',
    '1.3.6.1.2.1.47.1.1.1.1.7.12': 'Te1/1/1 Receive Power Sensor',
    ...change,
  });
}

describe('entity sensors', () => {
  it('mean by their scale and precision, and light is of its port', async () => {
    const found = await entitySensors(device(ciscoEntitySensors), ciscoEntitySensors);
    expect(found).toMatchObject([
      { key: 'temperature.inlet', unit: '°C', scale: 0.1, oid: `${ciscoEntitySensors}.4.11` },
      { key: 'optical-rx.Te1/1/1', unit: 'dBm', scale: 0.1, label: 'Optical receive Te1/1/1 Receive Power Sensor' },
    ]);
  });

  it('count thousands: milli is a thousandth, kilo a thousand', async () => {
    const base = '1.3.6.1.2.1.99.1.1.1';
    const milli = await entitySensors(
      device(base, { [`${base}.2.11`]: 8, [`${base}.3.11`]: 0, [`${base}.4.11`]: 41_500 }),
    );
    expect(milli[0]?.scale).toBe(0.001);
    const kilo = await entitySensors(
      device(base, { [`${base}.1.11`]: 6, [`${base}.2.11`]: 10, [`${base}.3.11`]: 2, [`${base}.4.11`]: 123 }),
    );
    expect(kilo[0]).toMatchObject({ unit: 'W', scale: 10 });
  });

  it('are left out while they are unavailable or read what cannot be', async () => {
    const base = '1.3.6.1.2.1.99.1.1.1';
    const found = await entitySensors(device(base, { [`${base}.5.11`]: 2, [`${base}.4.12`]: -1_000_000_000 }));
    expect(found).toEqual([]);
  });

  it('ask only for the names of what is a sensor', async () => {
    const reader = device(ciscoEntitySensors, { '1.3.6.1.2.1.47.1.1.1.1.7.99': 'Port 99' });
    await entitySensors(reader, ciscoEntitySensors);
    expect(reader.asked.some((oid) => oid.endsWith('.99'))).toBe(false);
  });

  it('know the innermost bounds of severity major that Cisco tells', async () => {
    const table = '1.3.6.1.4.1.9.9.91.1.2.1.1';
    const thresholds: Record<string, number> = {};
    // As an ISR 4321 tells of its light: critical, minor, minor, critical.
    const told = [
      [30, 4, 30],
      [10, 4, 10],
      [10, 2, -190],
      [20, 2, -230],
      [30, 2, -250],
    ];
    for (const [index, [severity = 0, relation = 0, value = 0]] of told.entries()) {
      thresholds[`${table}.2.12.${index + 1}`] = severity;
      thresholds[`${table}.3.12.${index + 1}`] = relation;
      thresholds[`${table}.4.12.${index + 1}`] = value;
    }
    const [inlet, light] = await entitySensors(device(ciscoEntitySensors, thresholds), ciscoEntitySensors);
    expect(light?.limits).toEqual({ low: -23, high: 3 });
    expect(inlet?.limits).toBeUndefined();
  });
});
