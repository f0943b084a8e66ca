import type { PhoneAction, PhoneView } from '../../../src/alerting/phone/phone-view.ts';

/** A press that waits for the phone to be back, or that was refused. */
export interface Queued {
  /** Made by the database: the order of the presses. */
  seq?: number;
  readonly token: string;
  readonly requestId: string;
  /** When it was pressed, by the phone's clock. */
  readonly at: string;
  readonly action: PhoneAction | 'photo';
  readonly text?: string;
  readonly minutes?: number;
  readonly photo?: Blob;
  /** Code of the problem that it was refused with; it is not sent again. */
  readonly refused?: string;
}

export interface Kept {
  readonly token: string;
  readonly view: PhoneView;
}

/** The phone's own memory: what was shown last, and what is still to be sent. Shared with the service worker. */
let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('arung', 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore('queue', { keyPath: 'seq', autoIncrement: true });
      request.result.createObjectStore('views', { keyPath: 'token' });
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('no storage')));
  });
  return opening;
}

async function ask<T>(
  store: 'queue' | 'views',
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    // What was written counts when the transaction is whole, not before.
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('not stored')));
  });
}

export const queued = (): Promise<Queued[]> =>
  ask('queue', 'readonly', (store) => store.getAll() as IDBRequest<Queued[]>);
export const enqueue = (press: Queued): Promise<unknown> => ask('queue', 'readwrite', (store) => store.add(press));
export const requeue = (press: Queued): Promise<unknown> => ask('queue', 'readwrite', (store) => store.put(press));
export const dequeue = (seq: number): Promise<unknown> => ask('queue', 'readwrite', (store) => store.delete(seq));
export const keep = (kept: Kept): Promise<unknown> => ask('views', 'readwrite', (store) => store.put(kept));
export const forget = (token: string): Promise<unknown> => ask('views', 'readwrite', (store) => store.delete(token));
export const kept = (token: string): Promise<Kept | undefined> =>
  ask('views', 'readonly', (store) => store.get(token) as IDBRequest<Kept | undefined>);
