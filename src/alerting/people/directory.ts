import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import { inScope, scopeFor, type Access } from '../../domain/access.ts';
import type { Severity } from '../../domain/alert.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { PersonId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { AlertingBook, readBook } from './book.ts';
import { Duties } from './duties.ts';
import { People } from './people.ts';
import { PushDevices } from './push-devices.ts';
import { recipientsOf, type RecipientReason } from './routing.ts';
import { Silences } from './silence-collection.ts';
import { Teams } from './teams.ts';

/** One step of who would be told; `person` is null where the reader may not know who. */
export interface ToldPerson {
  readonly person: { readonly id: PersonId; readonly name: string } | null;
  readonly why: RecipientReason;
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** People, teams, duties and silences: as people write them, and as alerting reads them. */
export class PeopleDirectory implements LongLived {
  readonly name = 'people';
  readonly people: People;
  readonly teams: Teams;
  readonly duties: Duties;
  readonly silences: Silences;
  readonly pushDevices: PushDevices;
  readonly book: AlertingBook;
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    const { db, changes, clock } = options;
    this.#db = db;
    this.#clock = clock;
    this.people = new People({ db, changes });
    this.teams = new Teams({ db, changes });
    this.duties = new Duties({ db, changes });
    this.silences = new Silences({ db, changes, clock });
    this.pushDevices = new PushDevices({ db, changes });
    this.book = new AlertingBook(options);
  }

  async start(): Promise<void> {
    await this.book.start();
  }

  async stop(): Promise<void> {
    await this.book.stop();
  }

  /** Who would be told of something in a region, in this order, if nobody took it; of Arung's own fault without one. */
  async whoIsTold(
    access: Access,
    asked: { readonly region?: string | undefined; readonly severity: Severity; readonly at?: number | undefined },
  ): Promise<readonly ToldPerson[]> {
    const { region, severity, at = this.#clock.now() } = asked;
    const scope = scopeFor(access, 'people.read');
    if (region === undefined ? scope !== 'everywhere' : !inScope(scope, region)) throw outside(region);
    const { book } = await readBook(this.#db, at);
    const regionCodes = region === undefined ? [] : [region];
    const facts = { severity, regionCodes, networks: [], isOwnFault: region === undefined };
    const told = recipientsOf(facts, book, at);
    const names = await this.people.namesOf(
      access,
      told.map(({ person }) => person.id),
    );
    return told.map(({ person: { id }, why, level, dueAt }) => {
      const name = names.get(id);
      return { person: name === undefined ? null : { id, name }, why, level, dueAt };
    });
  }
}

function outside(region: string | undefined): ArungError {
  if (region === undefined) {
    return new ArungError('invalid', 'Say of which region: you do not read all of them.', {
      code: 'person.region-needed',
    });
  }
  return new ArungError('not-found', `There is no region ${region} in your regions.`, {
    code: 'region.not-found',
    arguments: { key: region },
  });
}
