import type { LinkId } from '../../domain/ids.ts';
import type { SharedRisk } from '../../domain/link.ts';
import type { PeopleBook } from '../../domain/people-book.ts';
import type { Topology } from '../../domain/topology.ts';
import { onDutyEverywhere } from './on-duty.ts';
import { planFailures, type Failure, type FailurePlan } from './failures.ts';
import { judge } from './judge.ts';
import { Random } from './random.ts';
import { resultOf, type FailureResult } from './result.ts';
import { Stage, type BoardParts, type SimulatedBoard } from './stage.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  /** The network as it is. */
  readonly topology: Topology;
  readonly risks: readonly SharedRisk[];
  readonly plan: FailurePlan;
  /** Percent of packets lost in each direction. */
  readonly lossPercent: number;
  readonly jitterMs: number;
  /** Percent of the links that exist while the inventory does not name them. */
  readonly missingLinksPercent: number;
  readonly seed: number;
  readonly makeBoard: (parts: BoardParts) => SimulatedBoard;
}

/**
 * Breaks one thing after the other in a simulated world and says of each what status, grouping, incidents and decisions
 * made of it. The same seed and inventory give the same results; each failure has its own random numbers, so that the
 * first of many is the same alone.
 */
export class Simulation {
  readonly failures: readonly Failure[];
  readonly world: World;
  /** What the inventory knows. */
  readonly known: Topology;
  readonly #people: PeopleBook;
  readonly #options: SimulationOptions;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { topology, missingLinksPercent, seed, plan, risks } = options;
    const random = new Random(seed, 'missing');
    const count = Math.round((topology.links.size * missingLinksPercent) / 100);
    const hidden = new Set<LinkId>(random.sample([...topology.links.keys()], count));
    this.world = new World(topology, hidden);
    this.known = {
      ...topology,
      links: new Map([...topology.links].filter(([id]) => !hidden.has(id))),
    };
    this.#people = onDutyEverywhere(topology);
    this.failures = planFailures(this.world, risks, plan, new Random(seed, 'failures'));
  }

  async *run(): AsyncGenerator<FailureResult> {
    const { risks, lossPercent, jitterMs, seed, makeBoard } = this.#options;
    const weather = { loss: lossPercent / 100, jitterMs };
    for (const [number, failure] of this.failures.entries()) {
      const stage = new Stage({
        world: this.world,
        topology: this.known,
        risks,
        people: this.#people,
        weather,
        random: new Random(seed, 'stage', failure.kind, ...failure.breaks.map(({ what }) => this.world.nameOf(what))),
        makeBoard,
      });
      const course = await stage.run(failure);
      yield resultOf({
        number: number + 1,
        world: this.world,
        failure,
        course,
        judgement: judge(this.world, risks, failure, course),
      });
    }
  }
}
