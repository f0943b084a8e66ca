import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from './evidence.ts';
import { Vital } from './evidence.ts';
import { NetworkGraph } from '../domain/network-graph.ts';
import { linkFindings } from './link-state.ts';
import { explain, Finding } from './root-cause.ts';
import { TestNetwork } from './test-network.ts';

/**
 * Random networks with random failures. What is silent and what the ports say follows from them; the oracle tries every
 * set of failed devices and links, smallest first.
 */
interface Case {
  readonly devices: number;
  /** The device that each one (but the first) hangs on, as a fraction of those before it; then further links. */
  readonly parents: readonly number[];
  readonly extra: readonly (readonly [number, number])[];
  readonly deadSeed: readonly number[];
  readonly cutSeed: readonly number[];
  /** Whether ports go down with their link. */
  readonly ports: 'honest' | 'blind';
}

const cases = (most: number): fc.Arbitrary<Case> =>
  fc.integer({ min: 2, max: most }).chain((devices) =>
    fc.record({
      devices: fc.constant(devices),
      parents: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), {
        minLength: devices - 1,
        maxLength: devices - 1,
      }),
      extra: fc.array(fc.tuple(fc.nat(devices - 1), fc.nat(devices - 1)), { maxLength: 3 }),
      deadSeed: fc.array(fc.nat(devices - 1), { maxLength: 2 }),
      cutSeed: fc.array(fc.nat(devices + 1), { maxLength: 2 }),
      ports: fc.constantFrom('honest', 'blind'),
    }),
  );

interface Built {
  readonly graph: NetworkGraph;
  readonly evidence: Evidence;
  readonly answers: Uint8Array;
  readonly dead: ReadonlySet<number>;
  readonly cut: ReadonlySet<number>;
}

function build(given: Case): Built {
  const network = new TestNetwork().site('s');
  for (let d = 0; d < given.devices; d++) network.device(`d${d}`, 's', { gateway: true });
  network.attach('d0');
  const pairs = new Set<string>();
  const join = (a: number, b: number): void => {
    const name = `${Math.min(a, b)} ${Math.max(a, b)}`;
    if (a === b || pairs.has(name)) return;
    pairs.add(name);
    network.link(`d${a}`, `d${b}`);
  };
  for (const [i, fraction] of given.parents.entries()) join(Math.floor(fraction * (i + 1)), i + 1);
  for (const [a, b] of given.extra) join(a, b);
  const graph = new NetworkGraph(network.topology);
  // The first device is where the agent is plugged in: that it dies is another story.
  const dead = new Set(given.deadSeed.filter((d) => d !== 0));
  const cut = new Set(given.cutSeed.filter((e) => e < graph.links.length));
  const answers = reach(graph, dead, cut);
  const now = 50_000;
  const fill = (value: (d: number) => number): Float64Array =>
    Float64Array.from({ length: graph.nodeCount }, (_, d) => value(d));
  const vital = Uint8Array.from({ length: graph.nodeCount }, (_, d) => (answers[d] === 1 ? Vital.alive : Vital.silent));
  const evidence: Evidence = {
    now,
    vital,
    firstMissAt: fill((d) => (answers[d] === 1 ? Number.NaN : 40_500)),
    certainAt: fill((d) => (answers[d] === 1 ? Number.NaN : 43_000)),
    answeringSince: fill((d) => (answers[d] === 1 ? 0 : Number.NaN)),
    lastMissAt: fill((d) => (answers[d] === 1 ? Number.NaN : 49_000)),
    lastAnswerAt: fill((d) => (answers[d] === 1 ? 49_500 : 39_000)),
    portOf: (edge, end) => {
      if (given.ports === 'blind') return undefined;
      const a = graph.edgeA[edge] ?? -1;
      const b = graph.edgeB[edge] ?? -1;
      const [near, far] = end === 'a' ? [a, b] : [b, a];
      if (answers[near] !== 1) return { status: 'up', at: 39_000, since: 0, everUp: true };
      const down = cut.has(edge) || dead.has(far);
      return { status: down ? 'down' : 'up', at: 49_500, since: down ? 40_200 : 0, everUp: true };
    },
  };
  return { graph, evidence, answers, dead, cut };
}

/** Who answers when these have failed. */
function reach(graph: NetworkGraph, dead: ReadonlySet<number>, cut: ReadonlySet<number>): Uint8Array {
  const answers = new Uint8Array(graph.nodeCount);
  answers[graph.root] = 1;
  const queue = [graph.root];
  for (const n of queue) {
    for (let k = graph.starts[n] ?? 0; k < (graph.starts[n + 1] ?? 0); k++) {
      const e = graph.neighbourEdges[k] ?? 0;
      const other = graph.otherEnd(e, n);
      if (answers[other] === 1 || dead.has(other) || cut.has(e)) continue;
      answers[other] = 1;
      queue.push(other);
    }
  }
  return answers;
}

/** The size of the smallest set of failures after which exactly these answer. */
function smallestExplanation(graph: NetworkGraph, answers: Uint8Array, most: number): number {
  const silent = [...answers.keys()].filter((d) => answers[d] !== 1);
  const things = [...silent.map((d) => ({ dead: d, cut: -1 })), ...graph.links.map((_, e) => ({ dead: -1, cut: e }))];
  const explains = (chosen: readonly { dead: number; cut: number }[]): boolean => {
    const then = reach(graph, new Set(chosen.map((c) => c.dead)), new Set(chosen.map((c) => c.cut)));
    return then.every((answer, n) => answer === answers[n]);
  };
  const choose = (from: number, left: number, chosen: { dead: number; cut: number }[]): boolean => {
    if (left === 0) return explains(chosen);
    for (let i = from; i < things.length; i++) {
      const thing = things[i];
      if (thing !== undefined && choose(i + 1, left - 1, [...chosen, thing])) return true;
    }
    return false;
  };
  for (let size = 0; size <= most; size++) if (choose(0, size, [])) return size;
  return Number.POSITIVE_INFINITY;
}

describe('root cause, on random networks with random failures', () => {
  const runs = { numRuns: 1_500 };

  it('never marks what answers, and explains everything that does not', () => {
    fc.assert(
      fc.property(cases(14), (given) => {
        const { graph, evidence, answers } = build(given);
        const { deviceFinding, deviceCause, verdicts } = explain(graph, evidence, []);
        for (let d = 0; d < graph.root; d++) {
          expect(deviceFinding[d] === Finding.up).toBe(answers[d] === 1);
          if (answers[d] !== 1) expect(verdicts[deviceCause[d] ?? -1]).toBeDefined();
        }
      }),
      runs,
    );
  });

  it('names failures that do explain it: were they so, exactly these would be silent', () => {
    fc.assert(
      fc.property(cases(14), (given) => {
        const { graph, evidence, answers } = build(given);
        const { verdicts, links } = explain(graph, evidence, []);
        const dead = new Set(verdicts.filter((v) => v.kind === 'device').map((v) => v.index));
        const cut = new Set(verdicts.filter((v) => v.kind === 'link').map((v) => v.index));
        // What a port says is down without darkening anything belongs to the explanation, too.
        for (const [e, since] of links.since.entries()) if (!Number.isNaN(since)) cut.add(e);
        expect([...reach(graph, dead, cut)].map(Number)).toEqual([...answers].map(Number));
      }),
      runs,
    );
  });

  it('names as few failures as any explanation needs', () => {
    fc.assert(
      fc.property(cases(7), (given) => {
        const { graph, evidence, answers } = build({ ...given, ports: 'blind' });
        const { verdicts } = explain(graph, evidence, []);
        expect(verdicts.length).toBe(smallestExplanation(graph, answers, 4));
      }),
      { numRuns: 300 },
    );
  });

  it('names the cut link itself where one link was cut and ports tell the truth', () => {
    fc.assert(
      fc.property(cases(14), fc.nat(), (given, which) => {
        const bare = build({ ...given, deadSeed: [], cutSeed: [] });
        const e = which % bare.graph.links.length;
        const { graph, evidence, answers } = build({ ...given, ports: 'honest', deadSeed: [], cutSeed: [e] });
        const explanation = explain(graph, evidence, []);
        const findings = linkFindings(graph, evidence, explanation);
        expect(findings[e]?.state).toBe('down');
        const silent = [...answers.keys()].filter((d) => answers[d] !== 1);
        for (const d of silent) {
          expect(explanation.deviceFinding[d]).toBe(Finding.unreachable);
          expect(explanation.verdicts[explanation.deviceCause[d] ?? -1]).toMatchObject({ kind: 'link', index: e });
        }
        if (silent.length === 0) expect(explanation.verdicts).toEqual([]);
      }),
      runs,
    );
  });

  it('stays with what it found while nothing changes', () => {
    fc.assert(
      fc.property(cases(14), (given) => {
        const { graph, evidence } = build(given);
        const first = explain(graph, evidence, []);
        const again = explain(graph, evidence, first.verdicts);
        expect([...again.deviceFinding]).toEqual([...first.deviceFinding]);
        const named = (found: typeof first): string[] =>
          [...found.deviceCause].map((c) => {
            const verdict = found.verdicts[c];
            return verdict === undefined ? '' : `${verdict.kind} ${verdict.index} ${verdict.since}`;
          });
        expect(named(again)).toEqual(named(first));
      }),
      runs,
    );
  });
});
