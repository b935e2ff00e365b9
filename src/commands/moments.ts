import type { Booking } from '../domain/slot/booking.ts';
import { type SlotSummary, summaryOf } from '../domain/slot/summary.ts';
import type { ReplayedSlot } from '../eventstore/slot-replay.ts';

/** What there was to answer at a version of a slot. */
export interface Moment {
  /** Log position of the event at that version. */
  readonly position: number;
  /** The booking that was asked for. */
  readonly booking: Booking | null;
  /** The slot itself, where no booking was asked for. */
  readonly slot: SlotSummary | null;
}

/** Asked by everybody who asks for the same. */
class Question {
  readonly answer: Promise<Moment>;
  resolve: (moment: Moment) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor() {
    this.answer = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
  }
}

/** Moments of one slot that are looked for in one replay. Each is answered when the replay has come so far: what lies beyond need not be readable. */
export class Moments {
  private readonly questions = new Map<number, Map<string | null, Question>>();

  /** The latest version that was asked for. */
  get last(): number {
    let last = 0;
    for (const version of this.questions.keys()) last = Math.max(last, version);
    return last;
  }

  /** @param bookingId null asks for the slot itself. */
  ask(version: number, bookingId: string | null): Promise<Moment> {
    const ofVersion = this.questions.get(version) ?? new Map<string | null, Question>();
    const question = ofVersion.get(bookingId) ?? new Question();
    this.questions.set(version, ofVersion.set(bookingId, question));
    return question.answer;
  }

  /** The replay has come to this version. */
  reached({ state, position }: ReplayedSlot): void {
    const questions = this.questions.get(state.version);
    if (questions === undefined) return;
    this.questions.delete(state.version);
    for (const [bookingId, { resolve }] of questions) {
      if (bookingId === null) resolve({ position, booking: null, slot: summaryOf(state, state.lastEventAt) });
      else resolve({ position, booking: state.bookings.get(bookingId) ?? null, slot: null });
    }
  }

  /** The replay has ended; what has no answer by now gets none. */
  end(error: unknown): void {
    for (const questions of this.questions.values()) for (const { reject } of questions.values()) reject(error);
  }
}
