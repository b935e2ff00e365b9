import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ask, type BookingBody, demand, type ProblemBody, show } from '../support/api.ts';
import { type LoggedEvent, proveLog, readLog } from '../support/log-proof.ts';
import { withDatabase } from '../support/postgres.ts';
import { between, seeded } from '../support/random.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';

const SKEW_MS = 5_000;
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const CLIENTS = 12;
/** Each client's bookings; with holds of a second many of them lapse while others are made. */
const BOOKINGS_PER_CLIENT = 40;
const HOLD_SECONDS = 1;
/** So many of each kind of event are wanted at least. Services may be so fast that hardly a hold lapses: then the clients begin again. */
const FEW = 10;
const MOST_ROUNDS = 20;
/**
 * How far off a service may measure the database's clock: half a round trip on a busy machine. It is
 * far below the skew, so a service that went by its own clock would be found out at once.
 */
const OFFSET_BOUND_MS = 500;
const SKEWED = fileURLToPath(new URL('../support/clock-skew.mjs', import.meta.url));

describe(`two services whose clocks differ by ${SKEW_MS} ms (seed ${SEED})`, function () {
  this.timeout(60_000);
  const database = withDatabase();
  const random = seeded(SEED);
  let services: SpawnedService[] = [];
  let log: LoggedEvent[];

  before('let clients hold, confirm, cancel and forget on both', async () => {
    const environment = { HOLDFAST_TEST_CLOCK_SKEW_MS: String(SKEW_MS) };
    services = await Promise.all([
      spawnService({ databaseUrl: database() }),
      spawnService({ databaseUrl: database() }, { nodeOptions: ['--import', SKEWED], environment }),
    ]);
    const policy = { holdSeconds: HOLD_SECONDS, maxHoldSeconds: 2 * HOLD_SECONDS };
    await demand(201, services[0]!.url, '/slots', { body: show('contested', { rows: 2, seatsPerRow: 10, yard: 10 }, policy) });
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      await Promise.all(Array.from({ length: CLIENTS }, (_, client) => bookAtRandom(client)));
      log = await readLog(services[0]!.url);
      if (log.filter(({ type }) => type === 'BookingExpired').length > FEW) break;
    }
  });
  after(() => Promise.all(services.map((service) => service.end())));

  /** Each request goes to either service, so that a booking held by one clock is settled by the other. */
  async function bookAtRandom(client: number): Promise<void> {
    const send = <Body>(path: string, body: unknown) =>
      ask<Body>(services[between(random, 0, 1)]!.url, path, { body, key: `${client} ${random()}` });
    let open: BookingBody[] = [];
    for (let count = 0; count < BOOKINGS_PER_CLIENT; count += 1) {
      const units = random() < 0.3 ? [{ unitId: 'yard', quantity: 2 }] : [`${between(random, 1, 2)}-${between(random, 1, 10)}`];
      const held = await send<BookingBody | ProblemBody>('/slots/contested/bookings', { customerId: `c-${client}`, units });
      expect(held.status, JSON.stringify(held.body)).to.be.oneOf([201, 409]);
      if (held.status === 201) open.push(held.body as BookingBody);
      const deed = between(random, 0, 5);
      const [booking, ...others] = open;
      if (booking === undefined || deed > 3) continue;
      open = others;
      const [path, body] = [
        ['confirm', { paymentReference: booking.bookingId }],
        ['extend-hold', { seconds: 1 }],
        ['cancel', {}],
        ['cancel', {}],
      ][deed] as [string, object];
      const settled = await send<ProblemBody>(`/bookings/${booking.bookingId}/${path}`, body);
      expect(settled.status, JSON.stringify(settled.body)).to.be.oneOf([200, 410]);
      // What was sold is given back, so that the seats are fought over to the end.
      if (path === 'confirm') await send(`/bookings/${booking.bookingId}/cancel`, {});
    }
  }

  it('do not tell the same time by themselves', async () => {
    const [right, skewed] = await Promise.all(services.map(({ url }) => ownTime(url)));
    expect(skewed! - right!).to.be.within(SKEW_MS - OFFSET_BOUND_MS, SKEW_MS + OFFSET_BOUND_MS);
  });

  it('have both decided, and let holds lapse', () => {
    const counts = new Map<string, number>();
    for (const { type } of log) counts.set(type, (counts.get(type) ?? 0) + 1);
    console.log(`      ${[...counts].map(([type, count]) => `${count} ${type}`).join(', ')}`);
    for (const type of ['SeatsHeld', 'BookingConfirmed', 'BookingCancelled', 'BookingExpired']) {
      expect(counts.get(type) ?? 0, type).to.be.greaterThan(FEW);
    }
  });

  it('agree on the time to within what can be measured, though one of them believes to be later', () => {
    const apart = log.map(({ metadata }) => Date.parse(metadata.time) - Date.parse(metadata.recordedAt));
    console.log(`      stream time against the database's clock: ${Math.min(...apart)} to ${Math.max(...apart)} ms`);
    expect(Math.max(...apart)).to.be.at.most(OFFSET_BOUND_MS);
    expect(Math.max(...apart.map(Math.abs))).to.be.lessThan(SKEW_MS);
  });

  it('let no live hold die early by more than the measured offset, on the clock of the database', () => {
    const ends = new Map<string, number>();
    const early: number[] = [];
    for (const { type, data, metadata } of log) {
      const { bookingId, expiresAt } = data as { bookingId: string; expiresAt: number };
      if (type === 'SeatsHeld') {
        const life = expiresAt - Date.parse(metadata.recordedAt);
        expect(life, `life of ${bookingId}`).to.be.within(HOLD_SECONDS * 1_000 - SKEW_MS / 2, HOLD_SECONDS * 1_000 + SKEW_MS / 2);
      }
      if (type === 'SeatsHeld' || type === 'HoldExtended') ends.set(bookingId, expiresAt);
      if (type !== 'BookingExpired') continue;
      expect(expiresAt).to.equal(ends.get(bookingId));
      expect(Date.parse(metadata.time)).to.be.at.least(expiresAt);
      early.push(expiresAt - Date.parse(metadata.recordedAt));
    }
    console.log(`      recorded as lapsed at the earliest ${-Math.max(...early)} ms after the end`);
    expect(Math.max(...early)).to.be.at.most(OFFSET_BOUND_MS);
  });

  it('never let stream time run backwards, and sold nothing twice', () => {
    expect(proveLog(log).faults).to.deep.equal([]);
  });
});

/** The clock of the process itself, which shows in the ids of version 7 that it gives to problems: their first 48 bits. */
async function ownTime(url: string): Promise<number> {
  const { body } = await ask<{ instance: string }>(url, '/nowhere');
  return Number.parseInt(body.instance.replace('urn:uuid:', '').replaceAll('-', '').slice(0, 12), 16);
}
