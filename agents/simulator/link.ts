import type { Port } from './device.ts';
import type { Flow } from './flow.ts';
import { between } from './hash.ts';
import type { Medium } from './inventory.ts';

/** A cable, a radio hop or a tunnel between two ports. */
export class SimulatedLink {
  readonly id: string;
  readonly name: string;
  readonly medium: Medium;
  readonly capacityBps: number;
  readonly a: Port;
  readonly b: Port;
  readonly flow: Flow;
  /** Share of the capacity that neighbours exchange when no path to the data centre uses the link. */
  readonly exchange: { readonly forward: number; readonly back: number };
  cut = false;
  lossPercent = 0;

  constructor(options: {
    readonly id: string;
    readonly name: string;
    readonly medium: Medium;
    readonly capacityBps: number;
    readonly a: Port;
    readonly b: Port;
    readonly flow: Flow;
  }) {
    this.id = options.id;
    this.name = options.name;
    this.medium = options.medium;
    this.capacityBps = options.capacityBps;
    this.a = options.a;
    this.b = options.b;
    this.flow = options.flow;
    this.exchange = {
      forward: between(`${options.name}/forward`, 0.03, 0.09),
      back: between(`${options.name}/back`, 0.03, 0.09),
    };
  }

  get place(): 'sites' | 'inside' {
    return this.a.device.site === this.b.device.site ? 'inside' : 'sites';
  }

  /** Carries packets: not cut, and alive and switched on at both ends. */
  get carries(): boolean {
    return !this.cut && this.a.device.on && this.b.device.on && !this.a.disabled && !this.b.disabled;
  }

  /**
   * Whether a port of this link shows a carrier. Fibre and copper lose it with the cable or the far end; a radio or a
   * modem keeps its cable to our port, whatever happens in the air.
   */
  carrierAt(port: Port): boolean {
    if (!port.device.on || port.disabled) return false;
    if (this.medium !== 'fibre' && this.medium !== 'copper') return true;
    const far = this.a === port ? this.b : this.a;
    return !this.cut && far.device.on && !far.disabled;
  }
}

/** There and back, in milliseconds: middle and spread either way. */
export const latencyOf: Readonly<Record<Medium, { readonly ms: number; readonly jitterMs: number }>> = {
  fibre: { ms: 0.3, jitterMs: 0 },
  copper: { ms: 0.1, jitterMs: 0 },
  radio: { ms: 3, jitterMs: 1.5 },
  '4g': { ms: 45, jitterMs: 20 },
  vsat: { ms: 605, jitterMs: 45 },
};
