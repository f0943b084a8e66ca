import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import { readInventoryFacts } from './inventory-facts.ts';
import { readPastWork } from './past-work.ts';
import { RulePreview } from './preview.ts';
import { ProvisionedRules } from './provisioned-rules.ts';
import { RuleBook, type RuleChanges } from './rule-book.ts';
import { RuleMemories } from './rule-memories.ts';
import { RuleWatch, type RuleWatchOptions } from './rule-watch.ts';
import { UsualProfiles, type PastReader } from './usual.ts';

/** All of the rules, wired: the book, its file, the watch over the stream, and the look at the past. */
export interface Rules {
  readonly book: RuleBook;
  readonly file: ProvisionedRules;
  readonly watch: RuleWatch;
  readonly preview: RulePreview;
}

export function makeRules(options: {
  readonly db: Kysely<Database>;
  readonly changes: RuleChanges;
  readonly store: PastReader;
  readonly states: RuleWatchOptions['states'];
  readonly topology: RuleWatchOptions['topology'];
  readonly timeZone: string;
  /** `ARUNG_RULES_FILE`; null: none. */
  readonly rulesFile: string | null;
  readonly clock: Clock;
  readonly logger: Logger;
}): Rules {
  const { db, changes, store, states, topology, timeZone, rulesFile, clock, logger } = options;
  const book = new RuleBook({ db, changes, logger });
  const usual = new UsualProfiles({ store, clock, logger });
  const memories = new RuleMemories({ db, logger, take: (most) => watch.takeChanges(most) });
  const watch: RuleWatch = new RuleWatch({
    rules: book,
    memories,
    inventory: { read: () => readInventoryFacts(db), onChange: (wake) => changes.onCommit(wake) },
    usual,
    states,
    topology,
    timeZone,
    clock,
    logger,
  });
  return {
    book,
    file: new ProvisionedRules({ path: rulesFile, book, logger }),
    watch,
    preview: new RulePreview({
      store,
      usual,
      context: () => watch.context().ofThePast(),
      clock,
      pastWork: (period) => readPastWork(db, period),
    }),
  };
}
