import type { Duty, HoursOfWeek, Person, Team } from '../../../../../src/domain/person.ts';
import type { Page } from '../../../../../src/api/views.ts';
import { api } from '../../lib/api.ts';

export type { HoursOfWeek, Person, Team };
export type NamedDuty = Duty & { readonly personName: string };

/** `GET /api/v1/people/on-duty`. */
export interface ToldView {
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly why: 'duty' | 'area' | 'level' | 'fallback';
  readonly level: number;
  readonly at: string;
}

/** What `GET /api/v1/channels` gives to everybody who reads people. */
export interface ChannelName {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

/** All pages of a collection that is short by its nature: people, teams, the duties of some weeks. */
export async function readAll<T>(
  path: string,
  signal: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await api.get(path, { query: { ...query, limit: 500, cursor }, signal });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && found.length < 5_000);
  return found;
}
