import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { syntheticInventory, type Shape } from '../../../bench/synthetic-inventory.ts';
import type { InventoryDocument } from '../../inventory/document.ts';
import { readDocumentTopology } from '../../inventory/import/document-topology.ts';
import { StatusBoard } from '../../status/board.ts';
import type { FailurePlan } from './failures.ts';
import type { FailureResult } from './result.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import { SummaryCount, type Summary } from './summary.ts';

const nothing: FailurePlan = { links: false, devices: false, pairs: 0, sitesPower: 0, toggles: 0, idleHours: 0 };

async function simulated(
  document: InventoryDocument,
  plan: Partial<FailurePlan>,
  weather: Partial<Pick<SimulationOptions, 'lossPercent' | 'jitterMs' | 'missingLinksPercent' | 'seed'>> = {},
): Promise<{ results: FailureResult[]; summary: Summary }> {
  const { topology, risks } = readDocumentTopology(JSON.stringify(document));
  const simulation = new Simulation({
    topology,
    risks,
    plan: { ...nothing, ...plan },
    lossPercent: 0,
    jitterMs: 0,
    missingLinksPercent: 0,
    seed: 1,
    ...weather,
    makeBoard: ({ topology: known, clock, timers, probeSoon }) =>
      new StatusBoard({
        topology: { current: () => known, onChange: () => () => undefined },
        clock,
        timers,
        logger: pino({ level: 'silent' }),
        probeSoon,
        restore: async () => new Map(),
      }),
  });
  const results: FailureResult[] = [];
  const count = new SummaryCount();
  for await (const result of simulation.run()) {
    results.push(result);
    count.add(result);
  }
  const summary = count.summary({ seed: 1, devices: topology.devices.size, links: topology.links.size, tookS: 0 });
  return { results, summary };
}

const network = (shape: Shape, devices = 60): InventoryDocument => syntheticInventory({ shape, devices, seed: 1 });
const wrong = ({ results }: { results: readonly FailureResult[] }) =>
  results
    .filter(
      ({ causes, messages, messagesExpected }) => messages !== messagesExpected || causes.some((one) => !one.right),
    )
    .map(({ broken, incidents, notifications }) => ({ broken, incidents, notifications }));

describe('simulated failures', () => {
  it.each(['tree', 'ring', 'mesh', 'islands'] as const)(
    'names each link and each router of a %s that breaks, in one message, with the sites that are dark',
    async (shape) => {
      const run = await simulated(network(shape), { links: true, devices: true });
      expect(wrong(run)).toEqual([]);
      const { summary } = run;
      expect(summary.decidableRight).toBe(summary.decidable);
      expect(summary.falseIncidents + summary.falseDevices + summary.notRecovered).toBe(0);
      expect(summary.sitesRight).toBe(summary.failures);
      expect(summary.causes).toBeGreaterThan(50);
    },
    60_000,
  );

  it('says what no evidence can decide, and why', async () => {
    const { results } = await simulated(network('ring'), { links: true, devices: true });
    const of = (kind: string) => results.flatMap(({ causes }) => causes).find((one) => one.undecidable === kind);
    // A radio keeps its near end up, and behind a ring nobody is dark for it.
    expect(of('nothing-shows')).toMatchObject({ named: null, right: true, exact: false });
    expect(of('looks-alike')?.alike.length).toBeGreaterThan(0);
    const ring = results.find(({ causes: [cause], sites }) => cause?.undecidable === null && sites.hurt === 0);
    expect(ring?.notifications.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
  });

  it('sends one message each for two things that break within a minute', async () => {
    const run = await simulated(network('tree'), { pairs: 25 });
    expect(wrong(run)).toEqual([]);
  }, 60_000);

  it('gives the same for the same seed, whether what is untouched sleeps or not', async () => {
    const named = async (jitterMs: number) =>
      (await simulated(network('mesh'), { pairs: 8 }, { jitterMs })).results.map(({ broken, causes, messages }) => ({
        broken,
        causes: causes.map((one) => [one.named?.name, one.right]),
        messages,
      }));
    expect(await named(0)).toEqual(await named(0));
    // A millisecond of jitter keeps all of them awake.
    expect(await named(0)).toEqual(await named(1));
  }, 60_000);

  it('tells nobody in an hour in which 5 % of packets are lost each way and nothing breaks', async () => {
    const { results } = await simulated(network('tree', 150), { idleHours: 1 }, { lossPercent: 5, jitterMs: 30 });
    expect(results).toMatchObject([{ messages: 0, incidents: [], falseDevices: [], falseIncidents: [] }]);
    expect(results[0]?.probes).toBeGreaterThan(150 * 720);
  }, 60_000);

  it('still names what breaks while packets are lost', async () => {
    const run = await simulated(network('tree'), { pairs: 6 }, { lossPercent: 5, jitterMs: 30 });
    expect(wrong(run)).toEqual([]);
    expect(run.summary.falseDevices).toBe(0);
  }, 60_000);

  it('sends at most two messages of a link that toggles every 30 s for an hour', async () => {
    const { results } = await simulated(network('tree'), { toggles: 4 });
    expect(results).toHaveLength(4);
    for (const { notifications } of results) expect(notifications.length).toBeLessThanOrEqual(2);
  }, 60_000);

  it('sees a power cut, with a feeder in the inventory and without', async () => {
    const document = network('tree', 120);
    // The last sites of the tree have nothing behind them.
    const sites = (document.sites ?? []).slice(-12).map(({ code }) => code);
    const feeder = { name: 'Feeder', kind: 'power-feeder' as const, sites };
    const { results } = await simulated({ ...document, sharedRisks: [feeder] }, { sitesPower: 8 });
    for (const { causes, messages, feeder: cut } of results) {
      if (causes[0]?.undecidable !== null) continue;
      expect(causes).toMatchObject([{ right: true, named: { reason: 'power' } }]);
      if (cut !== null) expect(causes[0]?.named?.name).toBe('Feeder');
      expect(messages).toBe(1);
    }
    expect(results.filter(({ causes: [cause] }) => cause?.undecidable === null).length).toBeGreaterThanOrEqual(4);
  }, 60_000);

  it('stays within one message each where the inventory does not know every link', async () => {
    const { summary } = await simulated(network('mesh', 90), { links: true }, { missingLinksPercent: 5 });
    expect(summary.decidableRight).toBe(summary.decidable);
    expect(summary.undecidable['not-in-inventory']).toBeGreaterThan(0);
    expect(summary.falseDevices).toBe(0);
  }, 60_000);
});
