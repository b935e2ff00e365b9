/** One call of a trip. Instants are epoch milliseconds; the first stop may lack an arrival, the last a departure. */
export interface Stop {
  readonly stopId: string;
  readonly name?: string;
  readonly arrivesAt?: number;
  readonly departsAt?: number;
}

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU';

/** Local opening hours in the slot's time zone; `to` may be `24:00`. A span starts and ends inside opening hours. */
export interface OpeningHours {
  readonly days: readonly Weekday[];
  /** `HH:MM` */
  readonly from: string;
  /** `HH:MM`, later than `from` */
  readonly to: string;
}

/** What the spans of a slot run over. */
export type Axis =
  | { readonly type: 'whole' }
  | { readonly type: 'stops'; readonly stops: readonly Stop[] }
  | {
      readonly type: 'time';
      /** Absent: always open. */
      readonly opening?: readonly OpeningHours[];
      /** Minutes that must lie free between two bookings of one unit. */
      readonly bufferMinutes: number;
    };

/** A span in the caller's words, not yet placed on an axis. Instants are epoch milliseconds. */
export type SpanRequest = { readonly fromStop: string; readonly toStop: string } | { readonly from: number; readonly to: number };
