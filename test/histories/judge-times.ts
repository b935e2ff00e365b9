import type { ClientRecord, History } from './history.ts';
import type { Timeline } from './timeline.ts';

/** What is wrong with an answer that tells of a version: it came before the version was in the log. Null when nothing is. */
export function earlyFault({ clientSkewMs }: History, timeline: Timeline, slotId: string, version: number, { endedAt }: ClientRecord) {
  const early = timeline.recordedAt(slotId, version) - (endedAt + clientSkewMs);
  return early > 0 ? `version ${version} of ${slotId} was recorded ${early} ms after the answer` : null;
}

/**
 * What is wrong with a decision that rests on a version: somebody had been told of a newer one before it was asked
 * for, or a newer one had been in the log for so long that nobody could overlook it. Null when nothing is.
 */
export function staleFault(history: History, timeline: Timeline, slotId: string, version: number, { startedAt }: ClientRecord) {
  const known = timeline.knownBefore(slotId, startedAt);
  if (version < known) return `it was decided on version ${version}, though version ${known} was known`;
  const late = startedAt - history.clientSkewMs - history.commitMs - timeline.recordedAt(slotId, version + 1);
  return late > 0 ? `it was decided on version ${version}, though version ${version + 1} had been there for ${late} ms` : null;
}
