import type { LogServer } from '../syslog-sender.ts';

/** What a router's configuration runs on: the simulated device and its time. */
export interface RouterHost {
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly ports: readonly {
    readonly name: string;
    readonly mac: string;
    isUp(): boolean;
    rxBytes(): number;
    txBytes(): number;
  }[];
  /** Seconds since its start. */
  uptimeS(): number;
  /** What its clock shows, seconds since 1970 UTC. */
  clockS(): number;
  cpuPercent(): number;
  /** Something was set: paths may have changed. */
  changed(): void;
  /** A file was written to its flash, or deleted. */
  written(): void;
  /** A datagram to a log server, if there is a way to it. */
  tell(to: LogServer, text: string): void;
  /** It goes down now and starts anew. */
  reboot(): void;
}
