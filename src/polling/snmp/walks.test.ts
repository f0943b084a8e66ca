import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArungError } from '../../domain/errors.ts';
import { newId, type AgentId, type DeviceId, type SiteId } from '../../domain/ids.ts';
import { defaultPollingOptions } from '../options.ts';
import { Peer } from '../peer.ts';
import { compareOids, encodeOid, Tag } from './ber.ts';
import { ErrorStatus } from './response.ts';
import type { Varbind } from './varbinds.ts';
import { Walks, type AskPdu, type PduAnswer } from './walks.ts';

const roots = ['1.3.1', '1.3.2', '1.3.3', '1.3.7.1', '1.3.7.2', '1.4.9'];

/** What agents do with GETBULK. `dropping` leaves out of later rows whatever has come to the end of its MIB. */
interface Manners {
  readonly cutAt: number;
  readonly dropping: boolean;
  /** No answer to requests that touch this subtree; alone, too, unless it is asked by GETNEXT. */
  readonly hangsIn: string | null;
  /** An error to requests of more variables. */
  readonly mostColumns: number;
}

function agent(oids: readonly string[], manners: Manners): { readonly ask: AskPdu; requests: number } {
  const sorted = oids
    .map((oid): Varbind => ({ oid, oidBytes: encodeOid(oid), tag: Tag.integer, value: 1 }))
    .sort((one, other) => compareOids(one.oidBytes, other.oidBytes));
  const after = (oid: string): Varbind => {
    const bytes = encodeOid(oid);
    return (
      sorted.find((one) => compareOids(one.oidBytes, bytes) > 0) ?? {
        oid,
        oidBytes: bytes,
        tag: Tag.endOfMibView,
        value: 0,
      }
    );
  };
  const self = {
    requests: 0,
    ask: async (type: number, asked: readonly string[], bulk = { nonRepeaters: 0, maxRepetitions: 1 }) => {
      self.requests += 1;
      const { hangsIn } = manners;
      const hangs = (oid: string): boolean => hangsIn !== null && `${oid}.`.startsWith(`${hangsIn}.`);
      if (type !== Tag.getNext && asked.some(hangs)) {
        throw new ArungError('unavailable', 'timed out', { code: 'polling.timeout' });
      }
      if (asked.length > manners.mostColumns) return answerOf([], ErrorStatus.genErr);
      const varbinds: Varbind[] = [];
      let columns = [...asked];
      for (let row = 0; row < (type === Tag.getNext ? 1 : bulk.maxRepetitions); row++) {
        const found = columns.map(after);
        varbinds.push(...found);
        const kept = found.filter((one) => !manners.dropping || one.tag !== Tag.endOfMibView);
        columns = kept.map((one) => one.oid);
      }
      return answerOf(varbinds.slice(0, Math.max(1, manners.cutAt)), ErrorStatus.noError);
    },
  };
  return self;
}

function answerOf(varbinds: readonly Varbind[], errorStatus: number): PduAnswer {
  return { errorStatus, errorIndex: 0, varbinds, bytes: varbinds.length * 30 };
}

function peer(): Peer {
  const target = {
    deviceId: newId<DeviceId>(),
    siteId: newId<SiteId>(),
    agentId: newId<AgentId>(),
    name: 'rtr-test-01',
    role: 'router',
    gateway: true,
    protocol: 'snmp',
    address: '127.0.0.1',
    port: 161,
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'public' },
    profile: null,
    interfaces: [],
    backbone: false,
  } as const;
  return new Peer(target, defaultPollingOptions, () => undefined);
}

const plain: Manners = { cutAt: 1_000, dropping: false, hangsIn: null, mostColumns: 100 };
const table = (root: string, rows: number): string[] => Array.from({ length: rows }, (_, row) => `${root}.${row + 1}`);

describe('walks of one device', () => {
  it('that are asked for at the same time share their requests', async () => {
    const device = agent([...table(roots[0] ?? '', 5), ...table(roots[1] ?? '', 5)], plain);
    const walks = new Walks(peer(), device.ask);
    const found = await Promise.all(roots.map((root) => walks.read(root, 4096)));
    expect(found.map((rows) => rows.length)).toEqual([5, 5, 0, 0, 0, 0]);
    expect(device.requests).toBe(2);
  });

  it('bring the same rows as each alone, whatever the agent does with shared requests', async () => {
    const rows = fc.uniqueArray(
      fc.tuple(fc.constantFrom(...roots), fc.integer({ min: 1, max: 60 })).map(([root, row]) => `${root}.${row}`),
      { maxLength: 80 },
    );
    const manners = fc.record<Manners>({
      cutAt: fc.oneof(fc.constant(1_000), fc.integer({ min: 1, max: 30 })),
      dropping: fc.boolean(),
      hangsIn: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.constantFrom(...roots)),
      mostColumns: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 5 })),
    });
    await fc.assert(
      fc.asyncProperty(rows, manners, fc.integer({ min: 1, max: 70 }), async (oids, how, maxRows) => {
        const device = agent(oids, how);
        const walks = new Walks(peer(), device.ask);
        const found = await Promise.all(roots.map((root) => walks.read(root, maxRows)));
        for (const [index, root] of roots.entries()) {
          const expected = oids
            .filter((oid) => oid.startsWith(`${root}.`))
            .map((oid) => Number(oid.slice(root.length + 1)));
          const got = found[index]?.map(({ oid }) => Number(oid.slice(root.length + 1)));
          expect(got).toEqual(expected.sort((a, b) => a - b).slice(0, maxRows));
        }
        expect(device.requests).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });

  it('end where OIDs do not grow', async () => {
    const ask: AskPdu = async (_type, asked, bulk) => {
      const loop = asked.map((): Varbind => ({
        oid: '1.3.1.1',
        oidBytes: encodeOid('1.3.1.1'),
        tag: Tag.integer,
        value: 1,
      }));
      return answerOf(Array.from({ length: bulk?.maxRepetitions ?? 1 }, () => loop).flat(), ErrorStatus.noError);
    };
    const walks = new Walks(peer(), ask);
    const found = await Promise.all(roots.map((root) => walks.read(root, 4096)));
    expect(found.map((rows) => rows.length)).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('all fail when the device lets nobody read', async () => {
    const ask: AskPdu = async () => {
      throw new ArungError('unavailable', 'no', { code: 'polling.not-authorized' });
    };
    const walks = new Walks(peer(), ask);
    const found = await Promise.allSettled(roots.map((root) => walks.read(root, 4096)));
    expect(found.every((one) => one.status === 'rejected')).toBe(true);
  });
});
