import { type Asked, askedBy, isRead, isSuccess, TRY_AGAIN, versionTold } from './asked.ts';
import { placeOf } from './audit.ts';
import { type ClientAnswer, type ClientRecord, type Fault, type History, inWords, type Rule } from './history.ts';
import { type Binding, judgeKeys } from './judge-keys.ts';
import { noSpanFault, placeFault, readFault } from './judge-read.ts';
import { refusalFault } from './judge-refusal.ts';
import { successFault } from './judge-success.ts';
import { earlyFault, staleFault } from './judge-times.ts';
import { judgeTraces } from './judge-traces.ts';
import { OpenRequests } from './open-requests.ts';
import type { Verdict } from './refusal-case.ts';
import { SlotAccount } from './slot-account.ts';
import { grouped, Timeline } from './timeline.ts';
import type { UnitData } from './unit-account.ts';

/** Faults that are told in words; one mistake can make thousands. */
const MAX_FAULTS_TOLD = 100;

/** Refusals that are judged by the other requests of their key. */
const ABOUT_THE_KEY = new Set(['idempotency-key-reused', 'request-in-flight']);

export interface Report {
  /** Empty is the proof. At most so many are told in words. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  readonly events: number;
  readonly records: number;
  /** Answers by what became of them: `done`, `read`, `no answer`, or the problem's code. */
  readonly answers: ReadonlyMap<string, number>;
  /** Answers that cannot be judged from outside, by why. */
  readonly notJudged: ReadonlyMap<string, number>;
}

/**
 * Decides from the log and from what clients recorded whether everything was as it must be. Works
 * from the outside alone and shares no code with the engine. Every answer is judged by the slot as it
 * was at the version that the answer names, so one pass over each stream judges them all.
 */
export function checkHistory(history: History): Report {
  return new Check(history).report();
}

interface Judgement {
  readonly version: number;
  readonly judge: (slot: SlotAccount) => void;
}

class Check {
  private readonly history: History;
  private readonly faults: Fault[] = [];
  private faultCount = 0;
  private readonly answers = new Map<string, number>();
  private readonly notJudged = new Map<string, number>();
  private readonly timeline: Timeline;
  private readonly judgements = new Map<string, Judgement[]>();
  /** What each idempotency key did that is known by the log. */
  private readonly bindings = new Map<string, Binding>();
  private readonly tell = (rule: Rule, what: string) => {
    this.faultCount += 1;
    if (this.faults.length < MAX_FAULTS_TOLD) this.faults.push({ rule, what });
  };

  constructor(history: History) {
    this.history = history;
    this.timeline = new Timeline(history, this.tell);
  }

  report(): Report {
    const { events, records } = this.history;
    for (const record of records) this.plan(record);
    this.sweep();
    judgeKeys(this.history, this.timeline, this.bindings, this.tell);
    judgeTraces(this.history, this.timeline, this.tell);
    const { faults, faultCount, answers, notJudged } = this;
    return { faults, faultCount, events: events.length, records: records.length, answers, notJudged };
  }

  private plan(record: ClientRecord): void {
    const { answer } = record;
    if (answer === null) return void count(this.answers, 'no answer');
    const asked = askedBy(record);
    const code = String(answer.body.code ?? '');
    count(this.answers, isSuccess(record) ? (isRead(asked) ? 'read' : 'done') : code);
    if (answer.body.notJson !== undefined) return void this.tell('refusal', `what it was answered is no JSON: ${inWords(record)}`);
    if (answer.status === 500) return void this.tell('refusal', `the service failed: ${inWords(record)}`);
    if (asked.deed === 'other') return void count(this.notJudged, 'another address');
    if (TRY_AGAIN.has(code) || ABOUT_THE_KEY.has(code)) return;
    if (isRead(asked)) return void this.planRead(record, asked, answer);
    if (isSuccess(record)) return void this.planSuccess(record, asked, answer);
    this.planRefusal(record, asked, answer);
  }

  private planSuccess(record: ClientRecord, asked: Asked, { replayed = false }: ClientAnswer): void {
    const version = this.placed(record, asked, 'acknowledged', replayed);
    if (version === null) return;
    if (!replayed) {
      this.checkCurrent(record, asked, version, 'acknowledged');
      this.checkMatch(record, asked, version);
    }
    const earliest = this.earliest(record);
    this.at(asked.slotId, version, 'acknowledged', record, (slot) => successFault(slot, asked, record, replayed ? 0 : earliest));
  }

  private planRefusal(record: ClientRecord, asked: Asked, { body }: ClientAnswer): void {
    if (versionTold(record, asked.slotId) === null) return void count(this.notJudged, `${String(body.code)} without a version`);
    const version = this.placed(record, asked, 'refusal', false);
    if (version === null) return;
    if (!this.checkCurrent(record, asked, version, 'refusal')) return;
    const { ifMatch } = record.request;
    const [earliest, latest] = [this.earliest(record), this.latest(record)];
    this.at(asked.slotId, version, 'refusal', record, (slot) =>
      refusalFault({ slot, asked, ifMatch, problem: body, earliest: Math.max(earliest, slot.time), latest: Math.max(latest, slot.time) }),
    );
  }

  private planRead(record: ClientRecord, asked: Asked, { body, position: told, status }: ClientAnswer): void {
    const wanted = placeOf(record.request.position ?? null);
    const place = placeOf(told);
    const misplaced = placeFault(asked, place, body);
    if (misplaced !== null) this.tell('read', `${misplaced}: ${inWords(record)}`);
    const isOlder = place !== null && wanted !== null && place.position < wanted.position;
    const hasItsStream = place?.streamId === wanted?.streamId && (place?.version ?? -1) >= (wanted?.version ?? 0);
    if (isOlder && !hasItsStream) this.tell('read', `it had only reached position ${place.position}: ${inWords(record)}`);
    const [, query = ''] = record.request.path.split('?');
    if (body.code === 'span-invalid') return void this.at(asked.slotId, 1, 'read', record, (slot) => noSpanFault(slot, asked, query));
    if (status !== 200) return void this.checkAbsence(record, asked, body);
    const version = Number(body.version);
    if (!Number.isSafeInteger(version)) return void this.tell('read', `it tells no version: ${inWords(record)}`);
    if (version > this.timeline.length(asked.slotId))
      return void this.tell('read', `the log has no version ${version} of ${asked.slotId}: ${inWords(record)}`);
    this.checkInTime(record, asked.slotId, version, 'read');
    const later =
      asked.bookingId === null
        ? this.timeline.positionOf(asked.slotId, version + 1)
        : this.timeline.bookings.get(asked.bookingId)?.find((event) => event.version > version)?.position;
    if (place !== null && later !== undefined && later <= place.position)
      this.tell('read', `it tells position ${place.position}, but not of position ${later}: ${inWords(record)}`);
    const time = { earliest: this.earliest(record), latest: this.latest(record) };
    this.at(asked.slotId, version, 'read', record, (slot) => readFault(slot, asked, query, body, time));
  }

  /** What was there at the position that a read names, or tells itself, is not told to be missing. */
  private checkAbsence(record: ClientRecord, asked: Asked, { code }: ClientAnswer['body']): void {
    const reached = [record.request.position, record.answer?.position].map((token) => placeOf(token ?? null)?.position ?? 0);
    const ofSlot = code === 'slot-not-found' ? this.timeline.positionOf(asked.slotId, 1) : null;
    // A booking is there from its second event on, with what it holds.
    const ofBooking = code === 'booking-not-found' ? this.timeline.bookings.get(asked.bookingId ?? '')?.[1]?.position : null;
    const begun = ofSlot ?? ofBooking;
    if (begun === null) return void count(this.notJudged, String(code));
    if (begun !== undefined && begun <= Math.max(...reached)) this.tell('read', `it was there at position ${begun}: ${inWords(record)}`);
  }

  /** The version that a write's answer names, once its place in the log was found right; null when it was not. */
  private placed(record: ClientRecord, { slotId }: Asked, rule: Rule, replayed: boolean): number | null {
    const version = versionTold(record, slotId);
    const position = placeOf(record.answer?.position ?? null)?.position ?? Number.NaN;
    if (version === null || version > this.timeline.length(slotId)) {
      this.tell(rule, `the log has no version ${version} of ${slotId}: ${inWords(record)}`);
      return null;
    }
    const next = replayed ? Number.POSITIVE_INFINITY : this.timeline.positionOf(slotId, version + 1);
    if (!(position >= this.timeline.positionOf(slotId, version) && position < next))
      this.tell(rule, `version ${version} of ${slotId} is not at position ${position}: ${inWords(record)}`);
    this.checkInTime(record, slotId, version, rule);
    return version;
  }

  /** Nobody is told of what is not in the log yet. */
  private checkInTime(record: ClientRecord, slotId: string, version: number, rule: Rule): void {
    const early = earlyFault(this.history, this.timeline, slotId, version, record);
    if (early !== null) this.tell(rule, `${early}: ${inWords(record)}`);
  }

  /** No decision rests on a version that was out of date before it was asked for. */
  private checkCurrent(record: ClientRecord, { slotId }: Asked, version: number, rule: Rule): boolean {
    const late = staleFault(this.history, this.timeline, slotId, version, record);
    if (late !== null) this.tell(rule, `${late}: ${inWords(record)}`);
    return late === null;
  }

  /** Who named a version was decided on that version: behind it there is nothing but what was asked for, and holds that had run out. */
  private checkMatch(record: ClientRecord, { slotId }: Asked, version: number): void {
    const { ifMatch } = record.request;
    if (ifMatch === undefined) return;
    const events = this.timeline.streams.get(`slot-${slotId}`) ?? [];
    const own = record.answer?.body.bookingId ?? null;
    const last = events[version - 1];
    const other = events
      .slice(ifMatch, version)
      .find((event) => event !== last && event.type !== 'BookingExpired' && (own === null || event.data.bookingId !== own));
    if (version < ifMatch || other !== undefined)
      this.tell(
        'acknowledged',
        `it was decided behind ${other?.type ?? `version ${version}`}, not on version ${ifMatch}: ${inWords(record)}`,
      );
  }

  private at(slotId: string, version: number, rule: Rule, record: ClientRecord, judge: (slot: SlotAccount) => Verdict): void {
    grouped(this.judgements, slotId).push({
      version,
      judge: (slot) => {
        const verdict = judge(slot);
        if (verdict === undefined) count(this.notJudged, String(record.answer?.body.code ?? askedBy(record).deed));
        else if (verdict !== null) this.tell(rule, `${verdict}, at version ${version}: ${inWords(record)}`);
      },
    });
  }

  private earliest({ startedAt }: ClientRecord): number {
    return startedAt - this.history.clientSkewMs - this.history.serviceSkewMs;
  }

  private latest({ endedAt }: ClientRecord): number {
    return endedAt + this.history.clientSkewMs + this.history.serviceSkewMs;
  }

  /** Goes through each slot once, and judges at every version what names it. */
  private sweep(): void {
    const layouts = new Map<string, UnitData[]>();
    for (const [streamId, stream] of this.timeline.streams) {
      if (!streamId.startsWith('layout-')) continue;
      const units = stream.flatMap(({ type, data }) => (type === 'LayoutUnitsAdded' ? (data.units as readonly UnitData[]) : []));
      layouts.set(streamId.slice('layout-'.length), units);
    }
    const requests = new OpenRequests(this.history);
    const slotIds = [...this.timeline.streams.keys()]
      .filter((streamId) => streamId.startsWith('slot-'))
      .map((streamId) => streamId.slice('slot-'.length));
    for (const slotId of new Set([...slotIds, ...this.judgements.keys()])) {
      const slot = new SlotAccount(slotId, layouts, requests, this.history.serviceSkewMs, this.tell);
      const judgements = (this.judgements.get(slotId) ?? []).sort((one, other) => one.version - other.version);
      let next = 0;
      const judge = () => {
        for (; next < judgements.length && judgements[next]!.version <= slot.version; next += 1) judgements[next]!.judge(slot);
      };
      judge();
      for (const event of this.timeline.streams.get(`slot-${slotId}`) ?? []) {
        slot.apply(event);
        judge();
      }
      slot.finish();
      for (const [key, binding] of slot.bindings) this.bindings.set(key, binding);
    }
  }
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
