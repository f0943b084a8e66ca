import type { Severity } from '../../domain/alert.ts';
import { isWithinHours, nextOutsideHours, nextWithinHours, type Span } from '../../domain/hours.ts';
import type { Duty, Person } from '../../domain/person.ts';

const longestWaitMs = 15 * 86_400_000;

/** When who is on duty; made once for a book. */
export class DutyRoster {
  readonly #spans = new Map<string, Span[]>();

  constructor(duties: readonly Duty[]) {
    for (const { personId, from, to } of duties) {
      const spans = this.#spans.get(personId) ?? [];
      spans.push({ from: Date.parse(from), to: Date.parse(to) });
      this.#spans.set(personId, spans);
    }
  }

  isOnDuty({ id }: Pick<Person, 'id'>, at: number): boolean {
    return (this.#spans.get(id) ?? []).some(({ from, to }) => from <= at && at < to);
  }

  /** The first moment from `at` on at which the person is on duty; null when none is planned. */
  nextOnDuty(person: Pick<Person, 'id'>, at: number): number | null {
    if (this.isOnDuty(person, at)) return at;
    const begins = (this.#spans.get(person.id) ?? []).filter(({ from }) => from > at).map(({ from }) => from);
    return begins.length === 0 ? null : Math.min(...begins);
  }
}

/**
 * The first moment from `at` on at which a person may be told: what is critical at work or on duty; the rest at work, and
 * not in quiet hours. Null: never.
 */
export function tellableFrom(
  person: Person,
  options: { readonly severity: Severity; readonly at: number; readonly roster: DutyRoster },
): number | null {
  const { severity, at, roster } = options;
  if (severity !== 'critical') return quietlyTellableFrom(person, at);
  const moments = [roster.nextOnDuty(person, at), nextAtWork(person, at)].filter((moment) => moment !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** Whether these hours leave any moment at which something that is not critical may be told. */
export function isEverTellable(person: Pick<Person, 'workingHours' | 'quietHours'>, at: number): boolean {
  return quietlyTellableFrom(person, at) !== null;
}

function nextAtWork({ workingHours }: Pick<Person, 'workingHours'>, at: number): number | null {
  return workingHours.length === 0 ? at : nextWithinHours(workingHours, at);
}

function quietlyTellableFrom(person: Pick<Person, 'workingHours' | 'quietHours'>, at: number): number | null {
  const { quietHours } = person;
  let moment = at;
  while (moment - at < longestWaitMs) {
    const atWork = nextAtWork(person, moment);
    if (atWork === null || quietHours === null || !isWithinHours([quietHours], atWork)) return atWork;
    const quietEnds = nextOutsideHours([quietHours], atWork);
    if (quietEnds === null) return null;
    moment = quietEnds;
  }
  return null;
}
