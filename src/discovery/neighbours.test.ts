import { describe, expect, it } from 'vitest';
import { MemoryReader, type Written } from '../../tests/support/memory-reader.ts';
import { neighbours } from './neighbours.ts';

const remote = '1.0.8802.1.1.2.1.4.1.1';
const local = '1.0.8802.1.1.2.1.3.7.1';
const mac = Buffer.from('b869f40a0b0c', 'hex');

/** A device with one neighbour at local port 3. */
function device(change: Readonly<Record<string, Written>>): MemoryReader {
  return MemoryReader.of({
    [`${local}.2.3`]: 5,
    [`${local}.3.3`]: 'sfp1',
    [`${local}.4.3`]: 'sfp1',
    [`${remote}.4.0.3.1`]: 4,
    [`${remote}.5.0.3.1`]: mac,
    [`${remote}.6.0.3.1`]: 5,
    [`${remote}.7.0.3.1`]: 'ether1',
    [`${remote}.8.0.3.1`]: 'uplink to the hill',
    [`${remote}.9.0.3.1`]: 'rtr-kahu-01',
    ...change,
  });
}

describe('LLDP neighbours', () => {
  it('keep a port name of six letters a name: only the subtype makes six octets a MAC', async () => {
    expect(await neighbours(device({}))).toEqual([
      {
        localInterface: 'sfp1',
        remoteName: 'rtr-kahu-01',
        remotePort: 'ether1',
        remoteChassis: 'b8:69:f4:0a:0b:0c',
      },
    ]);
  });

  it('have a chassis of six letters where it is a name', async () => {
    const [found] = await neighbours(device({ [`${remote}.4.0.3.1`]: 7, [`${remote}.5.0.3.1`]: 'sw-c01' }));
    expect(found?.remoteChassis).toBe('sw-c01');
  });

  it('are known by one spelling of their MAC, octets or text', async () => {
    const [text] = await neighbours(device({ [`${remote}.5.0.3.1`]: 'B8:69:F4:0A:0B:0C' }));
    const [dashes] = await neighbours(device({ [`${remote}.5.0.3.1`]: 'B8-69-F4-0A-0B-0C' }));
    expect([text?.remoteChassis, dashes?.remoteChassis]).toEqual(['b8:69:f4:0a:0b:0c', 'b8:69:f4:0a:0b:0c']);
  });

  it('name a port by its description where its id is a MAC or missing', async () => {
    const [byMac] = await neighbours(device({ [`${remote}.6.0.3.1`]: 3, [`${remote}.7.0.3.1`]: mac }));
    const [bare] = await neighbours(
      device({ [`${remote}.6.0.3.1`]: 3, [`${remote}.7.0.3.1`]: mac, [`${remote}.8.0.3.1`]: '' }),
    );
    const [none] = await neighbours(device({ [`${remote}.7.0.3.1`]: '' }));
    expect([byMac, bare, none].map((one) => one?.remotePort)).toEqual([
      'uplink to the hill',
      'b8:69:f4:0a:0b:0c',
      'uplink to the hill',
    ]);
  });

  it('stand at the local interface by its name; where the id is a number, by its description', async () => {
    const [byText] = await neighbours(
      device({ [`${local}.2.3`]: 7, [`${local}.3.3`]: '3', [`${local}.4.3`]: 'GigabitEthernet0/0/3' }),
    );
    const [unknown] = await neighbours(device({ [`${local}.3.3`]: '', [`${local}.4.3`]: '' }));
    expect([byText?.localInterface, unknown?.localInterface]).toEqual(['GigabitEthernet0/0/3', '3']);
  });

  it('read a network address as one', async () => {
    const [found] = await neighbours(
      device({ [`${remote}.4.0.3.1`]: 5, [`${remote}.5.0.3.1`]: Buffer.from([1, 10, 73, 8, 2]) }),
    );
    expect(found?.remoteChassis).toBe('10.73.8.2');
  });

  it('cost one question where there is no LLDP', async () => {
    const reader = MemoryReader.of({ '1.3.6.1.2.1.1.3.0': 1 });
    expect(await neighbours(reader)).toEqual([]);
    expect(reader.asked).toHaveLength(1);
  });
});
