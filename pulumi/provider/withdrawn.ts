import { Refused } from './controller.ts';

/** Waits for the end of something that takes a thing away. That it is gone already is no error. */
export async function withdrawn(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
  }
}
