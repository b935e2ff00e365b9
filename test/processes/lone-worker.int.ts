import { expect } from 'chai';
import pg from 'pg';
import { createLoneWorker } from '../../src/processes/lone-worker.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { withDatabase } from '../support/postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

const LOG = { info: () => undefined, warn: () => undefined };
/** Far beyond the lease, for a busy machine. */
const TAKES_OVER_WITHIN_MS = 20_000;

describe('a process that one instance alone runs', function () {
  this.timeout(60_000);
  const database = withDatabase();
  const stops: (() => Promise<void>)[] = [];
  let network: CuttingProxy;

  before(async () => {
    network = await startCuttingProxy(database());
  });
  after(async () => {
    await network?.shut();
    await Promise.all(stops.map((stop) => stop()));
  });

  /** Of the same process unless another name is given. @returns how many rounds it has done. */
  function workOver(connectionString: string, name = 'alone', told = { connections: 0, looks: 0 }): () => number {
    const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 1_000, query_timeout: 1_000 });
    pool.on('connect', () => {
      told.connections += 1;
    });
    pool.on('acquire', () => {
      told.looks += 1;
    });
    pool.on('error', () => undefined);
    let rounds = 0;
    const round = async () => {
      rounds += 1;
    };
    const worker = createLoneWorker({ name, pool, intervalMs: 20, round, log: LOG });
    worker.start();
    stops.push(() => worker.stop().finally(() => pool.end()));
    return () => rounds;
  }

  it('is waited for by the others on one connection each, however often they look', async () => {
    const first = workOver(database(), 'waited for');
    const told = { connections: 0, looks: 0 };
    const asked = new pg.Pool({ connectionString: database() });
    try {
      await waitUntil('the first one runs it', async () => (await asked.query('SELECT 1')).rowCount === 1 && first() > 0);
      workOver(database(), 'waited for', told);
      await waitUntil('the second one has looked often', async () => (await asked.query('SELECT 1')).rowCount === 1 && told.looks > 10);
    } finally {
      await asked.end();
    }
    expect(told.connections).to.equal(1);
  });

  it('is run by another one soon when its connection falls silent, though nobody has told PostgreSQL that the first is gone', async () => {
    const asked = new pg.Client({ connectionString: database() });
    await asked.connect();
    const until = (what: string, isSo: () => boolean) =>
      waitUntil(what, async () => (await asked.query('SELECT 1')).rowCount === 1 && isSo(), TAKES_OVER_WITHIN_MS);
    try {
      const first = workOver(network.connectionString);
      await until('the first one runs it', () => first() > 0);
      const second = workOver(database());
      await until('the first one goes on', () => first() > 10);
      expect(second()).to.equal(0);
      network.become({ silent: true });
      await until('the second one runs it', () => second() > 0);
    } finally {
      await asked.end();
    }
  });
});
