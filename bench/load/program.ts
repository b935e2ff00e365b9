import { Client } from './client.ts';
import type { Job, JobResult, StreamResult } from './jobs.ts';
import { requestsOf } from './requests.ts';
import { SeatLedger } from './seats.ts';

/** The load generator: a process of its own, that takes one job after the other from the process which started it. */

const ledger = new SeatLedger();

async function run({ streams, leadInMilliseconds, milliseconds }: Job): Promise<readonly StreamResult[]> {
  const clients = streams.map((stream) => new Client(stream, requestsOf(stream.load, ledger)));
  await Promise.all(clients.map((client) => client.connect()));
  const begin = performance.now();
  const countFrom = begin + leadInMilliseconds;
  return Promise.all(clients.map((client) => client.run(begin, countFrom, countFrom + milliseconds)));
}

process.on('message', (job: Job) => {
  run(job).then(
    (streams) => tell({ kind: 'done', streams }),
    (error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());

function tell(result: JobResult): void {
  process.send?.(result);
}
