import { Refused } from './controller.ts';

/**
 * Waits for the end of something that takes a thing away. That it is gone already is no error.
 * @param done code of the refusal that says so, where it is no 404.
 */
export async function withdrawn(removal: Promise<unknown>, done?: string): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (error instanceof Refused && (error.status === 404 || error.code === done)) return;
    throw error;
  }
}
