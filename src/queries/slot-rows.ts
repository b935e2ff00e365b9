import type { ReadableBuild } from '../projections/builds/live-builds.ts';
import { inventory } from '../projections/inventory/inventory.ts';
import type { SlotRows } from '../projections/inventory/slot-rows.ts';
import { SLOT_CLAIMS, SLOT_UNITS, SLOTS, type SlotClaimRow, type SlotRow, type SlotUnitRow } from '../projections/inventory/tables.ts';
import type { Projection } from '../projections/projection.ts';
import { rowOf, selectList, selectTuple } from '../projections/table-sql.ts';
import { ask, prepared, type ViewSource } from './database.ts';

/** Which claims are read on the `time` axis, where a slot's past grows for ever; other axes end by themselves. Epoch milliseconds. */
export interface ClaimWindow {
  readonly from: number | null;
  readonly to: number | null;
}

export const ALL_CLAIMS: ClaimWindow = { from: null, to: null };

/** Null when the view has no such slot. */
export interface LoadedRows {
  readonly rows: SlotRows | null;
  /** The log position that the view had reached: everything up to it is in the rows. */
  readonly position: number;
  /** The definition that made the rows, and that folds them on. */
  readonly projection: Projection;
}

type ClaimTuple = readonly [
  unitId: string,
  bookingId: string,
  from: number,
  to: number,
  quantity: number,
  status: 'held' | 'sold',
  heldUntil: number | null,
];

interface SlotFound extends SlotRow {
  readonly viewPosition: number;
  readonly unitTuples: readonly (readonly unknown[])[];
  readonly claimTuples: readonly ClaimTuple[];
}

/** No axis goes so far. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** Slot, units and claims in one statement, so that version, position and rows are of one moment. */
const selectRows = prepared(
  'slot rows',
  (build) => `
  SELECT ${build.position} AS "viewPosition", ${selectList(SLOTS, 's')},
    (SELECT coalesce(json_agg(${selectTuple(SLOT_UNITS, 'u')} ORDER BY u.chunk, u.place), '[]')
       FROM ${build.table(SLOT_UNITS)} u WHERE u.slot_id = $1) AS "unitTuples",
    (SELECT coalesce(json_agg(json_build_array(c.unit_id, c.booking_id, c.span_from, c.span_to, c.quantity, c.status,
                                               (extract(epoch FROM c.held_until) * 1000)::float8)), '[]')
       FROM ${build.table(SLOT_CLAIMS)} c
      WHERE c.slot_id = $1 AND c.span_to > near.ends_after AND c.span_from < near.begins_before) AS "claimTuples"
    FROM (VALUES (1)) AS one(n)
    LEFT JOIN ${build.table(SLOTS)} s ON s.slot_id = $1
    CROSS JOIN LATERAL (SELECT coalesce((s.axis ->> 'bufferMinutes')::bigint, 0) * 60000 AS ms, s.axis_type = 'time' AS is_time) AS buffer
    CROSS JOIN LATERAL (
      SELECT CASE WHEN is_time THEN $2::bigint - ms END AS from_there, CASE WHEN is_time THEN $3::bigint + ms END AS to_there) AS asked
    CROSS JOIN LATERAL (SELECT coalesce(from_there, ${-BEYOND}) AS ends_after, coalesce(to_there, ${BEYOND}) AS begins_before) AS near`,
);

/** A slot's rows from PostgreSQL, with the claims that touch the window or, with its buffer, come near it. */
export async function loadSlotRows(source: ViewSource, slotId: string, window: ClaimWindow): Promise<LoadedRows> {
  let read: ReadableBuild | undefined;
  const statement = (build: ReadableBuild) => {
    read = build;
    return selectRows(build);
  };
  const [found] = await ask<SlotFound>(source, inventory, statement, [slotId, window.from, window.to]);
  if (found === undefined || read === undefined) throw new Error('the statement answers one row, whether there is a slot or not');
  const { viewPosition, unitTuples, claimTuples, ...slot } = found;
  const of = { position: viewPosition, projection: read.projection };
  if (slot.slotId === null) return { rows: null, ...of };
  return {
    rows: {
      slot,
      units: unitTuples.map((tuple) => rowOf<SlotUnitRow>(SLOT_UNITS, tuple)),
      claims: claimTuples.map((tuple) => claimRow(slotId, tuple)),
    },
    ...of,
  };
}

function claimRow(slotId: string, [unitId, bookingId, spanFrom, spanTo, quantity, status, heldUntil]: ClaimTuple): SlotClaimRow {
  return { slotId, unitId, bookingId, spanFrom, spanTo, quantity, status, heldUntil };
}
