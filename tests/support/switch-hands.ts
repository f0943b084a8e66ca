import { configure } from '../../agents/simulator/cli/configure.ts';
import type { SectionFound } from '../../agents/simulator/cli/maker.ts';
import type { SwitchDevice } from '../../agents/simulator/cli/switch-device.ts';
import type { SmallBackbone } from '../../agents/simulator/routeros/testing/small-backbone.ts';

/** Who sits there. */
const admin = { user: 'admin', address: '127.0.0.1' } as const;

/** What somebody does and sees who sits at a simulated switch. */
export class SwitchHands {
  readonly #backbone: SmallBackbone;

  constructor(backbone: SmallBackbone) {
    this.#backbone = backbone;
  }

  /** Lines that somebody types who sits at the device, in configuration mode; indented ones in the section before. */
  byHand(device: string, ...lines: readonly string[]): void {
    const box = this.box(device);
    let section: SectionFound | null = null;
    for (const line of lines) {
      if (!line.startsWith(' ')) section = null;
      const done = configure(box.maker, box, line.trim(), section);
      if (done.kind === 'refused') throw new Error(`${device} refuses ${line}: ${done.lines.join(' ')}`);
      if (done.kind === 'section') section = done.section;
    }
    box.host.changed();
    for (const line of lines) box.changes.entered(admin, line.trim());
    box.changes.left(admin);
  }

  /** The running configuration as the device shows it. */
  shown(device: string): string {
    const box = this.box(device);
    return box.maker.show(box.running, box).join('\n');
  }

  box(device: string): SwitchDevice {
    const box = this.#backbone.simulator.switches.device(device);
    if (box === undefined) throw new Error(`there is no switch ${device}`);
    return box;
  }
}
