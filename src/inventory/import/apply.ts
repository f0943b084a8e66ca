import { sql } from 'kysely';
import type { Change } from '../../database/collection/changes.ts';
import type { SecretSealer } from '../collaborators.ts';
import type { Diff, Work } from './diff.ts';
import { EntityIds } from './entity-ids.ts';
import { lists, listNames, type ListName } from './lists.ts';
import type { Snapshot } from './snapshot.ts';
import { namesIn, replaceMembers } from './table-writer.ts';
import { movesEnds, writers } from './writers.ts';

/** Says how far an import is: the list it writes, how many of how many. */
export type Progress = (phase: ListName | 'read' | 'check' | 'commit', done: number, total: number) => void;

/** Rows of one SQL statement. */
const batch = 1_000;

/** Writes what the diff found, list after list, in the transaction of the change. */
export async function applyDiff(
  change: Change,
  diff: Diff,
  snapshot: Snapshot,
  options: { readonly sealer: SecretSealer; readonly now: Date; readonly progress: Progress },
): Promise<void> {
  const ids = new EntityIds(snapshot, diff);
  for (const name of listNames) {
    const work = diff.work.filter((one) => one.list === name);
    // What gives a name up goes before what takes it: links let go of their ends first.
    if (name === 'links') await releaseEnds(change, work, ids);
    for (let start = 0; start < work.length; start += batch) {
      options.progress(name, start, work.length);
      const part = work.slice(start, start + batch);
      const created = part.filter((one) => one.action === 'create');
      const changed = part.filter((one) => one.action === 'change');
      const writer = writers[name]({ change, ids, ...options });
      if (created.length > 0) await writer.insert(created);
      if (changed.length > 0) await writer.update(changed);
      await writer.after?.(part);
      for (const one of part) record(change, one, ids);
    }
    if (name === 'sites') await writeRiskSites(change, diff, ids);
    if (work.length > 0) options.progress(name, work.length, work.length);
  }
}

async function releaseEnds(change: Change, work: readonly Work[], ids: EntityIds): Promise<void> {
  const moved = work.filter((one) => one.action === 'change' && movesEnds(one)).map((one) => ids.of('links', one.key));
  if (moved.length === 0) return;
  await sql`delete from link_ends where link_id = any(${moved}::uuid[])`.execute(change.trx);
}

/** The sites of a shared risk, written when the sites themselves are there. */
async function writeRiskSites(change: Change, diff: Diff, ids: EntityIds): Promise<void> {
  const touched = diff.work.filter(
    (one) => one.list === 'sharedRisks' && (one.action === 'create' || one.fields['sites'] !== undefined),
  );
  if (touched.length === 0) return;
  const members = touched.flatMap((one) =>
    namesIn(one.value['sites']).map((code) => ({
      shared_risk_id: ids.of('sharedRisks', one.key),
      site_id: ids.of('sites', code),
    })),
  );
  const owner = { column: 'shared_risk_id', ids: touched.map((one) => ids.of('sharedRisks', one.key)) };
  const columns = { shared_risk_id: 'uuid', site_id: 'uuid' };
  await replaceMembers(change, 'shared_risk_sites', owner, members, columns);
}

function record(change: Change, work: Work, ids: EntityIds): void {
  const entries = Object.entries(work.fields);
  change.record({
    action: work.action === 'create' ? 'create' : 'update',
    entityKind: lists[work.list].noun.replaceAll(' ', '-'),
    entityId: ids.of(work.list, work.key),
    entityName: work.key,
    before: work.action === 'create' ? null : Object.fromEntries(entries.map(([field, one]) => [field, one.before])),
    after: Object.fromEntries(entries.map(([field, one]) => [field, one.after])),
    regionCode: work.regionCode,
  });
}
