import type pg from 'pg';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { readFeed } from '../../src/eventstore/postgres/feed.ts';
import { readStream } from '../../src/eventstore/postgres/read-stream.ts';
import { type OverdueSlots, overdueSlotsIn } from '../../src/processes/release.ts';
import { LiveBuilds } from '../../src/projections/builds/live-builds.ts';
import { createPositionWatch } from '../../src/projections/position-watch.ts';
import type { AttemptQueries } from '../../src/queries/attempts.ts';
import type { AuditQueries } from '../../src/queries/audit.ts';
import { createAudit } from '../../src/queries/event-audit.ts';
import { createPostgresAttemptQueries } from '../../src/queries/postgres-attempts.ts';
import { createQueries, type Queries } from '../../src/queries/queries.ts';
import { ExplainingDatabase, type Statement } from './explaining.ts';
import { RELEASES } from './fill-views.ts';
import { BEGINS } from './stories.ts';

/** The read side, on a database that explains what it is asked. */
export interface Parts {
  readonly database: ExplainingDatabase;
  readonly queries: Queries;
  readonly overdue: OverdueSlots;
  readonly attempts: AttemptQueries;
  readonly audit: AuditQueries;
  /** What was explained since the statements were last forgotten. */
  statements(): readonly Statement[];
  readonly forget: () => void;
}

/** What is in the data to be asked for. Instants are epoch milliseconds. */
export interface Samples {
  readonly show: string;
  readonly trip: string;
  readonly fleet: string;
  readonly fleetAt: number;
  readonly hub: string;
  readonly model: string;
  readonly day: string;
  readonly booking: string;
  readonly customer: string;
  readonly reference: string;
  readonly position: number;
  /** A week in the middle of all. */
  readonly from: number;
  readonly to: number;
  /** Some holds have lapsed by then, most have not. */
  readonly overdueAt: number;
}

const DAY = 24 * 3_600_000;

export function partsOn(client: pg.Client): Parts {
  const database = new ExplainingDatabase(client);
  // These take no more of a pool or a connection than that it answers statements.
  const pool = database as unknown as pg.Pool;
  const live = new LiveBuilds(client as unknown as pg.Pool, RELEASES);
  const store: Pick<EventStore, 'headPosition' | 'readFeed' | 'readStream'> = {
    headPosition: async () =>
      (await database.query<{ position: number }>('SELECT position::float8 AS position FROM holdfast.log_head')).rows[0]?.position ?? 0,
    readFeed: (after, limit, filter) => readFeed(pool as unknown as pg.ClientBase, after, limit, filter),
    readStream: (streamId, fromVersion, limit) => readStream(pool as unknown as pg.ClientBase, streamId, fromVersion, limit),
  };
  return {
    database,
    queries: createQueries({ pool, live, watch: createPositionWatch(client as unknown as pg.Pool, live), now: () => BEGINS + 165 * DAY }),
    overdue: overdueSlotsIn(pool, live),
    attempts: createPostgresAttemptQueries(pool),
    audit: createAudit(store),
    statements: () => [...database.statements],
    forget: () => database.statements.splice(0),
  };
}

export async function samplesOf(client: pg.Client): Promise<Samples> {
  const one = async <Row extends object>(sql: string): Promise<Row> => {
    const { rows } = await client.query<Row>(sql);
    if (rows[0] === undefined) throw new Error(`nothing to ask for: ${sql}`);
    return rows[0];
  };
  const middle = (category: string) =>
    one<{ slot_id: string }>(
      `SELECT slot_id FROM holdfast_views.slots WHERE category = '${category}' AND status = 'OPEN' ORDER BY slot_id
        OFFSET (SELECT count(*) / 2 FROM holdfast_views.slots WHERE category = '${category}' AND status = 'OPEN') LIMIT 1`,
    );
  const show = (await middle('theatre')).slot_id;
  const fleet = (await middle('vehicle')).slot_id;
  const hour = await one<{ hub: string; model: string; day: string; at: number }>(
    `SELECT hub, model, day::text, (extract(epoch FROM starts_at) * 1000)::float8 AS at FROM holdfast_views.hourly_availability WHERE slot_id = '${fleet}' ORDER BY free LIMIT 1`,
  );
  const booking = await one<{ booking_id: string; customer_id: string }>(
    `SELECT booking_id, customer_id FROM holdfast_views.bookings WHERE slot_id = '${show}' ORDER BY booking_id LIMIT 1`,
  );
  const { reference } = await one<{ reference: string }>(
    `SELECT reference FROM holdfast_views.bookings WHERE slot_id = '${show}' AND reference IS NOT NULL LIMIT 1`,
  );
  const { position } = await one<{ position: number }>('SELECT position::float8 / 2 AS position FROM holdfast.log_head');
  const { at: overdueAt } = await one<{ at: number }>(
    "SELECT (extract(epoch FROM percentile_disc(0.01) WITHIN GROUP (ORDER BY expires_at)) * 1000)::float8 AS at FROM holdfast_views.bookings WHERE status = 'HELD'",
  );
  return {
    show,
    trip: (await middle('bus')).slot_id,
    fleet,
    fleetAt: hour.at,
    hub: hour.hub,
    model: hour.model,
    day: hour.day,
    booking: booking.booking_id,
    customer: booking.customer_id,
    reference,
    position: Math.floor(position),
    from: BEGINS + 165 * DAY,
    to: BEGINS + 172 * DAY,
    overdueAt,
  };
}
