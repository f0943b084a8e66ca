import type { FailureKind } from './failures.ts';
import type { FailureResult } from './result.ts';

interface KindSummary {
  failures: number;
  /** Causes that shall be named: all that broke and shows. */
  causes: number;
  right: number;
  exact: number;
  decidable: number;
  decidableRight: number;
  oneMessageEach: number;
  falseIncidents: number;
  sitesRight: number;
  undecidable: Record<string, number>;
  /** By messages sent less those expected. */
  messagesBeyondExpected: Record<string, number>;
}

/** The line after the last failure. Times in virtual seconds. */
export interface Summary {
  readonly summary: true;
  readonly seed: number;
  readonly devices: number;
  readonly links: number;
  readonly failures: number;
  readonly causes: number;
  readonly right: number;
  readonly decidable: number;
  readonly decidableRight: number;
  readonly oneMessageEach: number;
  readonly falseIncidents: number;
  readonly falseDevices: number;
  readonly sitesRight: number;
  readonly notRecovered: number;
  readonly undecidable: Readonly<Record<string, number>>;
  /** How many failures had so many messages. */
  readonly messages: Readonly<Record<string, number>>;
  readonly messagesBeyondExpected: Readonly<Record<string, number>>;
  readonly darkAfterS: Percentiles | null;
  readonly messageAfterS: Percentiles | null;
  readonly byKind: Readonly<Partial<Record<FailureKind, KindSummary>>>;
  readonly virtualHours: number;
  readonly probes: number;
  /** Of this machine's clock. */
  readonly tookS: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** Adds up results as they come; keeps numbers, not results. */
export class SummaryCount {
  readonly #kinds = new Map<FailureKind, KindSummary>();
  readonly #messages: Record<string, number> = {};
  readonly #dark: number[] = [];
  readonly #told: number[] = [];
  #falseDevices = 0;
  #notRecovered = 0;
  #virtualS = 0;
  #probes = 0;

  add(result: FailureResult): void {
    const kind = this.#kind(result.failure);
    const { causes, sites } = result;
    kind.failures += 1;
    for (const cause of causes) {
      const isSilent = cause.undecidable === 'nothing-shows' || cause.undecidable === 'behind-another';
      if (cause.undecidable !== null) count(kind.undecidable, cause.undecidable);
      if (isSilent) continue;
      kind.causes += 1;
      kind.right += Number(cause.right);
      kind.exact += Number(cause.exact);
      kind.decidable += Number(cause.undecidable === null);
      kind.decidableRight += Number(cause.undecidable === null && cause.exact);
    }
    const beyond = result.messages - result.messagesExpected;
    kind.oneMessageEach += Number(beyond === 0);
    count(kind.messagesBeyondExpected, String(beyond));
    count(this.#messages, String(result.messages));
    kind.falseIncidents += result.falseIncidents.length;
    kind.sitesRight += Number(sites.missed.length === 0 && sites.wrong.length === 0);
    this.#falseDevices += result.falseDevices.length;
    this.#notRecovered += Number(!result.recovered);
    this.#virtualS += result.virtualS;
    this.#probes += result.probes;
    if (result.darkAfterS !== null) this.#dark.push(result.darkAfterS);
    if (result.messageAfterS !== null) this.#told.push(result.messageAfterS);
  }

  summary(about: { seed: number; devices: number; links: number; tookS: number }): Summary {
    const kinds = [...this.#kinds.values()];
    const sum = (of: (kind: KindSummary) => number): number => kinds.reduce((total, kind) => total + of(kind), 0);
    const { seed, devices, links, tookS } = about;
    return {
      summary: true,
      seed,
      devices,
      links,
      failures: sum((kind) => kind.failures),
      causes: sum((kind) => kind.causes),
      right: sum((kind) => kind.right),
      decidable: sum((kind) => kind.decidable),
      decidableRight: sum((kind) => kind.decidableRight),
      oneMessageEach: sum((kind) => kind.oneMessageEach),
      falseIncidents: sum((kind) => kind.falseIncidents),
      falseDevices: this.#falseDevices,
      sitesRight: sum((kind) => kind.sitesRight),
      notRecovered: this.#notRecovered,
      undecidable: merged(kinds.map((kind) => kind.undecidable)),
      messages: this.#messages,
      messagesBeyondExpected: merged(kinds.map((kind) => kind.messagesBeyondExpected)),
      darkAfterS: percentiles(this.#dark),
      messageAfterS: percentiles(this.#told),
      byKind: Object.fromEntries(this.#kinds),
      virtualHours: Math.round(this.#virtualS / 36) / 100,
      probes: this.#probes,
      tookS: Math.round(tookS * 10) / 10,
    };
  }

  #kind(name: FailureKind): KindSummary {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const fresh: KindSummary = {
      failures: 0,
      causes: 0,
      right: 0,
      exact: 0,
      decidable: 0,
      decidableRight: 0,
      oneMessageEach: 0,
      falseIncidents: 0,
      sitesRight: 0,
      undecidable: {},
      messagesBeyondExpected: {},
    };
    this.#kinds.set(name, fresh);
    return fresh;
  }
}

function count(into: Record<string, number>, key: string, by = 1): void {
  into[key] = (into[key] ?? 0) + by;
}

function merged(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of all) for (const [key, by] of Object.entries(one)) count(sum, key, by);
  return sum;
}

function percentiles(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
