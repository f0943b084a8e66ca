import { ApiError, request, type ProblemDetail } from '../../lib/api.ts';

/** What `POST /api/v1/inventory/import` answers: what an import did, or would do. */
export interface ImportResult {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly lists: readonly {
    readonly list: string;
    readonly created: number;
    readonly changed: number;
    readonly unchanged: number;
  }[];
  readonly changes: readonly {
    readonly list: string;
    readonly key: string;
    readonly action: 'create' | 'change';
    readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
  }[];
  readonly errors: readonly ProblemDetail[];
  readonly errorCount: number;
}

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export interface ImportFile {
  readonly name: string;
  readonly text: string;
  readonly format: 'json' | 'csv';
}

/** Lists that a CSV may hold, in the order in which they build on each other. */
export const listNames = [
  'regions',
  'calendars',
  'contacts',
  'credentials',
  'sharedRisks',
  'sites',
  'devices',
  'interfaces',
  'links',
  'services',
] as const;
export type ListName = (typeof listNames)[number];

/** A CSV's list by the name of its file, then by its columns; sites where neither says. */
export function guessList(file: Pick<ImportFile, 'name' | 'text'>): ListName {
  const name = file.name.toLowerCase();
  const named = listNames.findLast((list) => name.includes(list.toLowerCase()));
  if (named) return named;
  const columns = new Set(
    (file.text.split(/\r?\n/, 1)[0] ?? '').split(/[,;\t]/).map((column) => column.replace(/["\uFEFF]/g, '').trim()),
  );
  if (columns.has('a') && columns.has('b')) return 'links';
  if (columns.has('device') && columns.has('mac')) return 'interfaces';
  if (columns.has('role') && columns.has('site')) return 'devices';
  if (columns.has('phone')) return 'contacts';
  if (columns.has('code') && columns.has('latitude') && !columns.has('kind')) return 'regions';
  return 'sites';
}

interface Line extends Partial<Progress> {
  readonly result?: ImportResult;
  readonly problem?: Record<string, unknown>;
}

/** Imports, or tries it dry; tells how far it is while the controller works. */
export async function importFile(
  file: ImportFile,
  options: {
    readonly dryRun: boolean;
    readonly list: ListName;
    readonly reason: string;
    readonly onprogress: (progress: Progress) => void;
  },
): Promise<ImportResult> {
  const response = await request('POST', '/inventory/import', file.text, {
    query: {
      dryRun: options.dryRun,
      reason: options.reason,
      ...(file.format === 'csv' ? { list: options.list } : {}),
    },
    headers: {
      'content-type': file.format === 'csv' ? 'text/csv' : 'application/json',
      accept: 'application/x-ndjson',
    },
  });
  let result: ImportResult | null = null;
  for await (const text of linesOf(response)) {
    const line = JSON.parse(text) as Line;
    if (line.result) result = line.result;
    else if (line.problem) throw problemIn(line.problem);
    else if (line.phase !== undefined) {
      options.onprogress({ phase: line.phase, done: line.done ?? 0, total: line.total ?? 0 });
    }
  }
  if (result === null) {
    throw new ApiError({ status: 0, message: 'The answer ended before the import did.', code: 'offline' });
  }
  return result;
}

function problemIn(body: Record<string, unknown>): ApiError {
  const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
  return new ApiError({
    status: typeof body['status'] === 'number' ? body['status'] : 400,
    message: text(body['detail'], 'The import was refused.'),
    code: text(body['code'], 'import.refused'),
    arguments: (body['arguments'] ?? {}) as Record<string, string | number>,
    details: Array.isArray(body['details']) ? (body['details'] as ProblemDetail[]) : [],
  });
}

/** The lines of an answer as they come. */
export async function* linesOf(response: Pick<Response, 'body'>): AsyncGenerator<string> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    for (const line of lines) if (line.trim() !== '') yield line;
    if (done) return;
  }
}
