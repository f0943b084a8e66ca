import { parentPort as port, workerData } from 'node:worker_threads';
import { ArungError } from '../../domain/errors.ts';
import { pointInside } from './geometry.ts';
import { readGeoJson, type BoundaryProblems, type ReadBoundary } from './read-geojson.ts';
import type { BoundaryText, LaterProblem, ReadingJob, ReadingMessage } from './reading.ts';

// Reads one file and hands it over as texts, some at a time; then tells lines of features until it is ended.

/** Characters of coordinates that travel at once: taken in by the other thread in a few milliseconds. */
const charactersAtOnce = 1_000_000;

function read(job: ReadingJob): BoundaryProblems | null {
  try {
    send({ type: 'progress', share: 0 });
    const { boundaries, problems, property } = readGeoJson(job.text, job);
    handOver(withoutRepeats(boundaries, problems));
    send({ type: 'read', property, problems: toldOf(problems) });
    return problems;
  } catch (error) {
    if (!(error instanceof ArungError)) throw error;
    const { kind, message, code } = error;
    send({ type: 'refused', kind, message, code, args: error.arguments });
    return null;
  }
}

function withoutRepeats(boundaries: readonly ReadBoundary[], problems: BoundaryProblems): readonly ReadBoundary[] {
  const seen = new Map<string, number>();
  return boundaries.filter(({ code, feature }) => {
    const first = seen.get(code);
    if (first === undefined) {
      seen.set(code, feature);
      return true;
    }
    const says = `${code} stands twice in the file, first as feature ${first + 1}.`;
    problems.add(feature, 'duplicate', says, { value: code, otherFeature: first + 1 });
    return false;
  });
}

function handOver(boundaries: readonly ReadBoundary[]): void {
  let list: BoundaryText[] = [];
  let characters = 0;
  for (const [index, { code, feature, polygons }] of boundaries.entries()) {
    const coordinates = JSON.stringify(polygons);
    list.push({ code, feature, coordinates, ...pointInside(polygons) });
    characters += coordinates.length;
    if (characters < charactersAtOnce) continue;
    send({ type: 'boundaries', list });
    send({ type: 'progress', share: (index + 1) / boundaries.length });
    list = [];
    characters = 0;
  }
  if (list.length > 0) send({ type: 'boundaries', list });
  send({ type: 'progress', share: 1 });
}

function send(message: ReadingMessage): void {
  port?.postMessage(message);
}

const toldOf = ({ count, told }: BoundaryProblems) => ({ count, told });

const problems = read(workerData as ReadingJob);
port?.on('message', (found: readonly LaterProblem[]) => {
  if (problems === null) return;
  for (const { feature, code, says, args } of found) problems.add(feature, code, says, args);
  send({ type: 'problems', problems: toldOf(problems) });
});
