import type { Canaries } from './canaries.ts';
import { devices, type CanaryFragment, type CanaryPrograms } from './pulumi/canary-program.ts';

/** A template as the API takes it. */
export interface CanaryTemplate {
  readonly name: string;
  readonly driver: string;
  readonly fragments: readonly (Omit<CanaryFragment, 'secret'> & { readonly secret?: readonly string[] })[];
  readonly places: readonly { readonly scope: string; readonly key: string }[];
}

/** Devices of which templates alone say something. */
export const templated = { router: 'rtr-a-01', terminal: 'abs-c-01', refusing: 'rtr-d-01' } as const;

/**
 * Templates with a canary in every field that takes a secret: on devices of which nobody else says anything, and beside what
 * the programs say of theirs. `mark` makes all secrets others.
 */
export function canaryTemplates(canaries: Canaries, programs: CanaryPrograms, mark: string): readonly CanaryTemplate[] {
  const at = (...keys: readonly string[]) => keys.map((key) => ({ scope: 'device', key }));
  const text = (name: string): string => canaries.text(`template ${name} ${mark}`);
  const { router, terminal } = programs.fragments(`template ${mark}`);
  return [
    { name: 'uji-router', driver: 'routeros', fragments: router, places: at(templated.router) },
    { name: 'uji-terminal', driver: 'zkteco', fragments: terminal, places: at(templated.terminal) },
    {
      name: 'uji-program',
      driver: 'routeros',
      fragments: [
        // The program says the same key: it hides this one.
        { key: 'user', subject: '/user', values: { name: 'ops', group: 'read', password: text('hidden') } },
        { key: 'templat', subject: '/user', values: { name: 'templat', group: 'read', password: text('user') } },
        {
          key: 'templat-skrip',
          subject: '/system/script',
          values: { name: 'templat', source: `/tool fetch url="https://x" http-data="{{variable:sandi}}"` },
        },
      ],
      places: at(devices.router),
    },
    {
      name: 'uji-sakelar',
      driver: 'cli',
      fragments: [
        { key: 'templat', subject: 'global', values: { 'username.ketiga': `password ${text('username')} privilege 1` } }, // prettier-ignore
      ],
      places: at(devices.switch),
    },
  ];
}

/** One that is staged, and that no simulated router takes. */
export function refusedTemplate(programs: CanaryPrograms): CanaryTemplate {
  const fragments = programs.refusedFragments('template refused');
  return { name: 'uji-menolak', driver: 'routeros', fragments, places: [{ scope: 'device', key: templated.refusing }] };
}

/** Drafts that are refused, with canaries in what is wrong and beside it. */
export function wrongTemplates(canaries: Canaries): readonly CanaryTemplate[] {
  const draft = (name: string, fragments: CanaryTemplate['fragments'], key: string = templated.router) => ({
    name: `uji-salah-${name}`,
    driver: 'routeros',
    fragments,
    places: [{ scope: 'device', key }],
  });
  const password = canaries.text('template wrong password');
  const user = { key: 'u', subject: '/user', values: { name: 'u', group: 'read', password } };
  return [
    draft('saklar', [{ key: 'wg', subject: '/interface/wireguard', values: { name: 'wg7', disabled: canaries.text('template wrong switch') }, secret: ['disabled'] }]), // prettier-ignore
    draft('kurang', [{ ...user, values: { password } }]),
    draft('dua', [user, user]),
    draft('di-mana', [user], 'tidak-ada'),
    // Taken, and refused where it is staged.
    draft('variabel', [{ key: 'v', subject: '/user', values: { name: 'v', group: 'read', password: `${password}{{variable:tidak-ada}}` } }]), // prettier-ignore
  ];
}
