import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Command } from './commands.ts';
import type { Row } from './menu.ts';
import type { RouterDevice } from './router-device.ts';
import { Trap } from './trap.ts';

const mostBytes = 1 << 20;
const verbs: Readonly<Record<string, string>> = { GET: 'print', PUT: 'add', PATCH: 'set', DELETE: 'remove' };

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The REST API of RouterOS 7 (help.mikrotik.com, "REST API"): GET reads a menu or an entry, PUT adds, PATCH changes,
 * DELETE removes, POST runs any command. All values are text.
 */
export async function answerRest(
  device: RouterDevice,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = await replyTo(device, request);
  const text = reply.status === 204 ? '' : JSON.stringify(reply.body);
  response.writeHead(reply.status, { 'content-type': 'application/json' });
  response.end(text);
}

async function replyTo(device: RouterDevice, request: IncomingMessage): Promise<Reply> {
  const by = userOf(device, request.headers.authorization ?? '');
  if (by === null) return failure(401, 'Unauthorized');
  const url = new URL(request.url ?? '/', 'http://router');
  if (!url.pathname.startsWith('/rest/')) return failure(404, 'Not Found');
  const path = decodeURI(url.pathname.slice('/rest'.length)).replace(/\/$/, '');
  let body: Readonly<Record<string, unknown>>;
  try {
    body = await bodyOf(request);
  } catch {
    return failure(400, 'Bad Request', 'the body is no JSON object');
  }
  try {
    return run(device, request.method ?? 'GET', path, { body, search: url.searchParams, by });
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    if (error.message === 'no such item') return failure(404, 'Not Found', error.message);
    return failure(400, 'Bad Request', error.message);
  }
}

function run(
  device: RouterDevice,
  method: string,
  path: string,
  given: { readonly body: Readonly<Record<string, unknown>>; readonly search: URLSearchParams; readonly by: string },
): Reply {
  const isOne = !device.configuration.isMenu(path) && device.configuration.isMenu(path.slice(0, path.lastIndexOf('/')));
  const menu = isOne && method !== 'POST' ? path.slice(0, path.lastIndexOf('/')) : path;
  const id = isOne ? path.slice(path.lastIndexOf('/') + 1) : null;
  const { body, search, by } = given;
  const values = argumentsOf(body);
  if (method === 'POST') {
    const answer = device.run({ path, arguments: values, queries: queriesOf(body['.query']), by });
    return { status: 200, body: answer.ret === null ? answer.rows : { ret: answer.ret } };
  }
  const verb = verbs[method];
  if (verb === undefined) return failure(405, 'Method Not Allowed');
  if (method === 'GET') return read(device, menu, id, search);
  if (id !== null) values.set('.id', id);
  const answer: Answer = device.run({ path: `${menu}/${verb}`, arguments: values, queries: [], by });
  if (method === 'DELETE') return { status: 204, body: null };
  return { status: method === 'PUT' ? 201 : 200, body: rowOf(device, menu, answer.ret ?? id) };
}

function read(device: RouterDevice, menu: string, id: string | null, search: URLSearchParams): Reply {
  const command: Command = {
    path: `${menu}/print`,
    arguments: new Map([...search].filter(([name]) => name === '.proplist')),
    queries: [...search].filter(([name]) => name !== '.proplist').map(([name, value]) => `?${name}=${value}`),
  };
  if (id !== null) return { status: 200, body: rowOf(device, menu, id) };
  const { rows } = device.run(command);
  const isSingle = device.configuration.menu(menu).kind.single === true;
  return { status: 200, body: isSingle ? (rows[0] ?? {}) : rows };
}

/** An entry by its id or name, or the settings of a menu; throws a Trap. */
function rowOf(device: RouterDevice, menu: string, id: string | null): Row {
  const rows = device.rows(menu);
  const found = id === null ? rows[0] : rows.find((row) => row['.id'] === id.toUpperCase() || row['name'] === id);
  if (found === undefined) throw new Trap('no such item', 0);
  return found;
}

/** Who asks; null for one whom the router does not know. */
function userOf(device: RouterDevice, authorization: string): string | null {
  if (!authorization.startsWith('Basic ')) return null;
  const text = Buffer.from(authorization.slice(6), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  return colon > 0 && device.knows(name, text.slice(colon + 1)) ? name : null;
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error('too long');
    chunks.push(chunk);
  }
  if (size === 0) return {};
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
  return value as Record<string, unknown>;
}

function argumentsOf(body: Readonly<Record<string, unknown>>): Map<string, string> {
  return new Map(
    Object.entries(body)
      .filter(([name]) => name !== '.query')
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(String).join(',') : String(value)]),
  );
}

function queriesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map((word) => `?${String(word)}`) : [];
}

function failure(error: number, message: string, detail?: string): Reply {
  return { status: error, body: detail === undefined ? { error, message } : { detail, error, message } };
}
