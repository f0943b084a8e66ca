import { Refused } from './controller.ts';
import type { Said } from './looks.ts';
import type { Context } from './resource.ts';
import { isUnknown, plain, type Value } from './values.ts';

interface Blast {
  readonly devices: number;
  readonly sites: readonly string[];
  readonly sitesElsewhere: number;
  readonly terminals: number;
  readonly services: readonly string[];
  readonly servicesMissed: readonly string[];
}

interface Preview {
  readonly waves: readonly { readonly devices: readonly string[]; readonly worst: Blast }[];
  readonly refusal: Said | null;
}

const mostWaves = 12;
const mostNames = 5;

/** Says, beside the diff, in which waves these devices would change and what each wave could cut off at worst. */
export async function previewOf(names: readonly string[], batch: Value | undefined, context: Context): Promise<void> {
  const devices = [...new Set(names)];
  if (devices.length === 0) return;
  const { controller, signal, status } = context;
  const size = batch === undefined || isUnknown(batch) ? undefined : plain(batch);
  let preview: Preview;
  try {
    preview = await controller.call<Preview>({
      method: 'POST',
      path: '/rollouts/preview',
      body: { devices, batch: size },
      signal,
      status,
    });
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'device.not-found') throw error;
    context.log(`The waves are known once every device is in the inventory: ${error.message}`);
    return;
  }
  context.log(textOf(devices.length, preview));
  if (preview.refusal !== null) {
    context.log(`This rollout would be refused: ${preview.refusal.message}`, 'warning');
  }
}

function textOf(devices: number, { waves }: Preview): string {
  const lines = waves.slice(0, mostWaves).map(({ devices: names, worst }, at) => {
    return `  wave ${at + 1}${at === 0 ? ' (canary)' : ''}: ${shortened(names)}; at worst ${worstOf(worst)}`;
  });
  const left = waves.length - mostWaves;
  const more = left > 0 ? [`  and ${left} more waves`] : [];
  return [`${counted(devices, 'device')} in ${counted(waves.length, 'wave')}:`, ...lines, ...more].join('\n');
}

function worstOf(blast: Blast): string {
  const { devices, sites, sitesElsewhere, terminals, services, servicesMissed } = blast;
  const dark = sites.length + sitesElsewhere;
  return [
    `${counted(devices, 'device')} silent`,
    dark === 0 ? 'no site dark' : `${counted(dark, 'site')} dark${sites.length === 0 ? '' : ` (${shortened(sites)})`}`,
    ...(terminals === 0 ? [] : [counted(terminals, 'terminal')]),
    ...(services.length === 0 ? [] : [`${shortened(services)} down`]),
    ...(servicesMissed.length === 0 ? [] : [`missed there: ${shortened(servicesMissed)}`]),
  ].join(', ');
}

function shortened(names: readonly string[]): string {
  const left = names.length - mostNames;
  return left > 0 ? `${names.slice(0, mostNames).join(', ')} and ${left} more` : names.join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
