import { ArungError } from '../domain/errors.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { Topology } from '../domain/topology.ts';
import { readDocumentTopology } from '../inventory/import/document-topology.ts';
import { nearest } from '../inventory/import/problems.ts';
import { BlastRadii } from '../provisioning/rollouts/blast-radius.ts';
import { ChangeGraph } from '../provisioning/rollouts/change-graph.ts';
import { planWaves, type Wave } from '../provisioning/rollouts/waves.ts';
import { action, type CommandFile } from './command.ts';
import { readText, within } from './given.ts';
import { print, table, type OutputOptions } from './output.ts';

interface PlanOptions extends OutputOptions {
  readonly inventory: string;
  readonly devices: string;
  readonly batch: number;
}

/** How many sites the table names of a wave. */
const sitesShown = 3;

/** The devices that `--devices` names, as indices of the graph: `all` are those of active sites. */
function chosen(graph: ChangeGraph, active: Topology, list: string): number[] {
  if (list.trim() === 'all') return [...active.devices.keys()].flatMap((id) => graph.deviceIndex.get(id) ?? []);
  const names = list.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  if (names.length === 0) {
    throw new ArungError('invalid', '--devices names no device: give `all`, or names with commas between them.');
  }
  return names.map((name) => {
    const index = graph.deviceIndex.get(name as DeviceId);
    if (index !== undefined) return index;
    const meant = nearest(name, graph.deviceIndex.keys());
    const hint = meant === null ? 'check the name.' : `did you mean ${meant}?`;
    throw new ArungError('not-found', `The inventory has no device ${name}: ${hint}`);
  });
}

function sitesOf({ worst }: Wave): string {
  const { sites } = worst;
  const named = sites.slice(0, sitesShown).join(', ');
  return sites.length > sitesShown
    ? `${sites.length}: ${named}, …`
    : sites.length === 0
      ? '0'
      : `${sites.length}: ${named}`;
}

function planTable(waves: readonly Wave[]): string {
  const rows = waves.map((wave, i) => [
    i === 0 ? '1 canary' : String(i + 1),
    String(wave.devices.length),
    sitesOf(wave),
    String(wave.worst.terminals),
    wave.worst.services.join(', '),
    wave.worst.cutsController ? 'CUTS THE CONTROLLER' : '',
  ]);
  return table(['WAVE', 'DEVICES', 'SITES DARK AT WORST', 'TERMINALS', 'SERVICES', ''], rows);
}

function planRollout(options: PlanOptions): void {
  const { topology, whole, services } = readDocumentTopology(readText(options.inventory));
  const graph = new ChangeGraph(topology, whole);
  const radii = new BlastRadii(graph, services);
  const waves = planWaves({
    graph,
    radii,
    devices: chosen(graph, topology, options.devices),
    mostInWave: options.batch,
  });
  const plan = {
    devices: waves.reduce((sum, wave) => sum + wave.devices.length, 0),
    batch: options.batch,
    waves: waves.map(({ devices, worst }, i) => ({
      wave: i + 1,
      kind: i === 0 ? 'canary' : 'batch',
      devices: devices.map((id) => whole.devices.get(id)?.name ?? id),
      worst,
    })),
  };
  print(options, plan, () => planTable(waves));
}

export const rolloutsCommand: CommandFile = (program) => {
  const rollouts = program.command('rollouts').description('ordered changes of many devices');
  rollouts
    .command('plan')
    .description('say in which waves devices would change, and what each wave could cut at worst')
    .requiredOption('--inventory <file>', 'the network, as `arung inventory export` prints it')
    .requiredOption('--devices <names>', '`all` of active sites, or names with commas between them')
    .option('--batch <n>', 'most devices of a wave', within(1, 10_000, true), 25)
    .option('--json', 'print JSON')
    .action(action(planRollout));
};
