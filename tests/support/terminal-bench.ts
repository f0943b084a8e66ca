import { commKey } from '../../agents/simulator/routeros/testing/small-backbone.ts';
import type { TerminalBox } from '../../agents/simulator/zkteco/terminal-box.ts';
import type { IntentDocument, IntentFragment } from '../../src/domain/intent.ts';
import type { DeviceTarget } from '../../src/provisioning/drivers/driver.ts';
import { ZktecoDriver } from '../../src/provisioning/drivers/zkteco/driver.ts';
import { DeviceBench, type BenchParts } from './device-bench.ts';

export const zkDocument = (...fragments: IntentFragment[]): IntentDocument => ({ driver: 'zkteco', fragments });

/** Simulated attendance terminals, and the driver that is tried against them. */
export class TerminalBench extends DeviceBench {
  readonly driver: ZktecoDriver;

  private constructor(parts: BenchParts) {
    super(parts);
    this.driver = new ZktecoDriver(parts.clock);
  }

  static async start(net: number): Promise<TerminalBench> {
    return new TerminalBench(await DeviceBench.parts(net, { isDriven: false }));
  }

  target(device: string, transport = 'tcp', key: number = commKey): DeviceTarget {
    return {
      address: this.backbone.addressOf(device),
      port: this.backbone.terminalPort,
      transport,
      credential: { user: '', password: String(key) },
    };
  }

  answers(device: string): boolean {
    return this.isOn(device) && this.isReached(device);
  }

  stateOf(device: string): string {
    return this.box(device).everything();
  }

  box(device: string): TerminalBox {
    const box = this.backbone.simulator.terminalBoxes.box(device);
    if (box === undefined) throw new Error(`there is no terminal ${device}`);
    return box;
  }
}
