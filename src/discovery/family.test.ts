import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryReader, type Written } from '../../tests/support/memory-reader.ts';
import { family, type FamilyTable } from './family.ts';
import type { SystemGroup } from './profile.ts';

const system: SystemGroup = { sysObjectId: '1.3.6.1.4.1.99.7', sysDescr: 'Acme AX-24 version 4.2', sysName: 'x' };

function readings(table: Partial<FamilyTable>, values: Readonly<Record<string, Written>>) {
  return family({ name: 'acme/switch', vendor: 'Acme', ...table }).readings(MemoryReader.of(values), system);
}

describe('a family of devices', () => {
  it('takes each text from the first source that has one', async () => {
    const profile = family({
      name: 'acme/switch',
      vendor: 'Acme',
      model: ['1.9.1.0', /^Acme (\S+)/],
      serial: ['1.9.2.0', '1.9.3'],
      firmware: [/version (\S+)/],
    });
    const reader = MemoryReader.of({ '1.9.1.0': ' ', '1.9.2.0': 'N/A', '1.9.3.1': '', '1.9.3.2': 'SN7' });
    expect(await profile.identity(reader, system)).toEqual({
      vendor: 'Acme',
      model: 'AX-24',
      serial: 'SN7',
      firmware: '4.2',
    });
  });

  it('reads the more exact of two objects, and the older one where it is alone', async () => {
    const sensors = [
      { oid: '1.9.1.0', key: 'voltage.input', label: 'Input', unit: 'V', scale: 0.1 },
      { oid: '1.9.2.0', key: 'voltage.input', label: 'Input', unit: 'V' },
    ] as const;
    const both = await readings({ sensors }, { '1.9.1.0': 2301, '1.9.2.0': 230 });
    const older = await readings({ sensors }, { '1.9.2.0': 230 });
    expect([both, older].map((found) => found.map(({ oid, scale }) => ({ oid, scale })))).toEqual([
      [{ oid: '1.9.1.0', scale: 0.1 }],
      [{ oid: '1.9.2.0', scale: 1 }],
    ]);
  });

  it('keeps what the device itself calls too little and too much, of the same row or for all rows, and believes no nonsense', async () => {
    const sensors = [
      { oid: '1.9.1', key: 'optical-rx', label: 'Light', unit: 'dBm', scale: 0.01, low: '1.9.2', high: '1.9.3' },
      { oid: '1.9.4', key: 'voltage.input', label: 'Input', unit: 'V', low: '1.9.5.0', high: '1.9.6.0' },
    ] as const;
    const found = await readings(
      { sensors },
      {
        '1.9.1.513': -230,
        '1.9.2.513': -1309,
        '1.9.3.513': 100,
        '1.9.1.514': -230,
        // Without a row of its own, and one that is upside down.
        '1.9.1.515': -230,
        '1.9.2.515': 300,
        '1.9.3.515': -300,
        '1.9.4.1': 228,
        '1.9.4.2': 229,
        '1.9.5.0': 176,
        '1.9.6.0': 0,
      },
    );
    expect(found.map(({ limits }) => limits)).toEqual([
      { low: -13.09, high: 1 },
      undefined,
      undefined,
      { low: 176 },
      { low: 176 },
    ]);
  });

  it('has a root of each model where the MIB lies below sysObjectID', async () => {
    const found = await readings({ cpu: [{ oid: '~.12.7.0' }] }, { '1.3.6.1.4.1.99.7.12.7.0': 30 });
    expect(found[0]?.oid).toBe('1.3.6.1.4.1.99.7.12.7.0');
  });

  it('takes memory as it is told: a share, used of total, used beside free, free of total', async () => {
    const values = { '1.9.1.0': 40, '1.9.2.0': 60, '1.9.3.0': 100 };
    const memory = async (one: NonNullable<FamilyTable['memory']>[number]) => readings({ memory: [one] }, values);
    expect((await memory({ oid: '1.9.1.0' }))[0]).toMatchObject({ oid: '1.9.1.0', unit: '%' });
    expect((await memory({ used: '1.9.1.0', total: '1.9.3.0' }))[0]).toMatchObject({ ofOid: '1.9.3.0' });
    expect((await memory({ used: '1.9.1.0', free: '1.9.2.0' }))[0]).toMatchObject({ freeOid: '1.9.2.0' });
    expect((await memory({ free: '1.9.2.0', total: '1.9.3.0' }))[0]).toMatchObject({
      oid: '1.9.2.0',
      ofOid: '1.9.3.0',
      complement: true,
    });
  });

  it('believes no sensor that cannot be', async () => {
    const sensors = [
      { oid: '1.9.1', names: '1.9.2', key: 'temperature', label: 'Temperature', unit: '°C', absent: [0] },
    ] as const;
    const found = await readings(
      { sensors },
      { '1.9.1.1': 41, '1.9.1.2': 0, '1.9.1.3': 2147483647, '1.9.1.4': 'hot', '1.9.2.1': 'Board‮<b>' },
    );
    expect(found).toMatchObject([{ key: 'temperature.board-b', label: 'Temperature Board <b>', oid: '1.9.1.1' }]);
  });

  it('keys light by the very name of its port, by which the link finds it', async () => {
    const sensors = [
      { oid: '1.9.1', names: '1.9.2', key: 'optical-rx', label: 'Optical receive', unit: 'dBm', scale: 0.01 },
    ] as const;
    const found = await readings({ sensors }, { '1.9.1.7': -1234, '1.9.2.7': 'XGigabitEthernet0/0/1' });
    expect(found[0]?.key).toBe('optical-rx.XGigabitEthernet0/0/1');
  });

  it('makes keys that a series can have of whatever a device calls its sensors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { maxLength: 5 }), async (names) => {
        const values: Record<string, Written> = {};
        for (const [i, name] of names.entries()) {
          values[`1.9.1.${i}`] = 20;
          values[`1.9.2.${i}`] = name;
        }
        const sensors = [{ oid: '1.9.1', names: '1.9.2', key: 't', label: 'T', unit: '°C' }] as const;
        const found = await readings({ sensors }, values);
        expect(found).toHaveLength(names.length);
        for (const one of found) {
          expect(one.key).toMatch(/^t\.[a-z0-9._-]{1,60}$/);
          expect(one.label).not.toMatch(/\p{Cc}|\p{Cf}/u);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('HOST-RESOURCES', () => {
  const processor = '1.3.6.1.2.1.25.3.3.1.2';
  const storage = '1.3.6.1.2.1.25.2.3.1';
  const ram = { oid: '1.3.6.1.2.1.25.2.1.2' };
  const memory = (buffers: number): Record<string, Written> => ({
    [`${storage}.2.1`]: ram,
    [`${storage}.2.6`]: { oid: '1.3.6.1.2.1.25.2.1.1' },
    [`${storage}.3.1`]: 'Physical memory',
    [`${storage}.3.6`]: 'Memory buffers',
    [`${storage}.4.1`]: 1024,
    [`${storage}.4.6`]: 1024,
    [`${storage}.5.1`]: 1000,
    [`${storage}.5.6`]: 1000,
    [`${storage}.6.1`]: 900,
    [`${storage}.6.6`]: buffers,
  });
  const standard = ['host-resources'] as const;

  it('is the load over all processors', async () => {
    const found = await readings(
      { standard },
      { [`${processor}.1`]: 10, [`${processor}.2`]: 20, [`${processor}.3`]: 30 },
    );
    expect(found[0]).toMatchObject({ oid: `${processor}.1`, meanOids: [`${processor}.2`, `${processor}.3`] });
  });

  it('asks for loads that net-snmp will only have a minute after its start', async () => {
    const found = await readings({ standard }, { '1.3.6.1.2.1.25.3.3.1.1.196608': { oid: '0.0' } });
    expect(found).toMatchObject([{ field: 'cpu_percent', oid: `${processor}.196608` }]);
  });

  it('takes what net-snmp calls buffers off used memory, unless that cannot be part of it', async () => {
    expect((await readings({ standard }, memory(300)))[0]).toMatchObject({ minusOids: [`${storage}.6.6`] });
    expect((await readings({ standard }, memory(950)))[0]).not.toHaveProperty('minusOids');
  });

  it('believes what Linux calls available first', async () => {
    const found = await readings(
      { standard },
      { ...memory(300), '1.3.6.1.4.1.2021.4.5.0': 1000, '1.3.6.1.4.1.2021.4.27.0': 700 },
    );
    expect(found).toMatchObject([
      { oid: '1.3.6.1.4.1.2021.4.27.0', ofOid: '1.3.6.1.4.1.2021.4.5.0', complement: true },
    ]);
  });
});
