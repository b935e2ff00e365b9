import { expect } from 'chai';
import { verifyLog } from '../../src/cli/verify/verify-log.ts';
import { openHoldfast } from '../../src/main.ts';
import { checkHistory } from '../histories/check-history.ts';
import type { Recorder } from '../histories/recorder.ts';
import type { Cluster } from './cluster.ts';

const BOUNDS = {
  /** One machine, one clock; what is measured through a busy event loop may still be some milliseconds off. */
  clientSkewMs: 20,
  /** Half a round trip through a network that is slow is what a service may measure the database's clock wrongly by. */
  serviceSkewMs: 300,
  /** An append may look at the clock, wait 5 s for the log's lock, and then need a disk that others keep busy. */
  commitMs: 10_000,
};

const SILENT = { phase: () => undefined, update: () => undefined };
/** What is known not to be judged from outside. */
const NOT_JUDGED = ['would-leave-orphan'];

/** Holds everything that was recorded against the log, and the log and its views against each other. Nobody may be asking anything. */
export async function prove(cluster: Cluster, recorder: Recorder): Promise<void> {
  const history = await recorder.history(cluster.urls()[0]!, BOUNDS);
  const { faults, answers, notJudged, events, records } = checkHistory(history);
  const told = [...answers].map(([what, count]) => `${count} ${what}`).join(', ');
  console.log(`      ${events} events, ${records} requests: ${told}`);
  expect(faults).to.deep.equal([]);
  expect(NOT_JUDGED, 'what is known not to be judged').to.include.members([...notJudged.keys()]);

  const parts = await openHoldfast({ databaseUrl: cluster.postgres.connectionString, dataFolder: '' });
  try {
    const report = await verifyLog(parts, { since: null, progress: SILENT });
    expect(report.faults).to.deep.equal([]);
    expect(report.verdict).to.equal('clean');
    // Holds lapse meanwhile.
    expect(report.counts.events).to.be.at.least(events);
  } finally {
    await parts.close();
  }
}
