import { expect } from 'chai';
import type { Booking } from '../../src/domain/slot/booking.ts';
import type { Refusal } from '../../src/domain/slot/refusals.ts';
import { PROBLEMS, type ProblemCode, renderProblem } from '../../src/http/problem.ts';
import { problemOfRefusal } from '../../src/http/refusal-problem.ts';

/** The contract's table, written out once more by hand. */
const CONTRACT: Readonly<Record<number, readonly string[]>> = {
  400: ['malformed-json', 'invalid-input', 'idempotency-key-required', 'span-required'],
  404: ['slot-not-found', 'booking-not-found', 'stream-not-found', 'not-found'],
  405: ['method-not-allowed'],
  409: [
    'seats-taken',
    'sold-out',
    'not-adjacent',
    'price-changed',
    'not-on-sale',
    'slot-closed',
    'slot-cancelled',
    'slot-exists',
    'already-confirmed',
    'already-released',
    'request-in-flight',
    'too-much-contention',
  ],
  410: ['hold-expired'],
  412: ['stale-version'],
  413: ['body-too-large'],
  415: ['unsupported-media-type'],
  422: [
    'unknown-unit',
    'limit-exceeded',
    'span-invalid',
    'in-the-past',
    'would-leave-orphan',
    'hold-cap-reached',
    'idempotency-key-reused',
  ],
  428: ['precondition-required'],
  429: ['rate-limited'],
  503: ['view-behind', 'unavailable', 'outcome-unknown'],
};

const BOOKING: Booking = {
  bookingId: 'hamlet.x',
  slotId: 'hamlet',
  customerId: 'c-17',
  status: 'HELD',
  version: 3,
  adjacent: true,
  claims: [{ unitId: 'A1', quantity: 1, from: 0, to: 1, price: 4500, amount: 4500 }],
  released: [],
  span: null,
  requestedAt: 0,
  expiresAt: 600_000,
  maxExpiresAt: 1_800_000,
  confirmedAt: null,
  paymentReference: null,
  reference: null,
  metadata: {},
};

describe('the table of problems', () => {
  for (const [status, codes] of Object.entries(CONTRACT)) {
    it(`gives ${status} to what the contract says`, () => {
      for (const code of codes) expect(PROBLEMS[code as ProblemCode]?.status, code).to.equal(Number(status));
    });
  }

  it('promises a retry exactly where one may help', () => {
    const promising = Object.entries(PROBLEMS).filter(([, entry]) => entry.retryAfterSeconds !== undefined);
    expect(promising.map(([code]) => code).toSorted()).to.deep.equal(
      ['outcome-unknown', 'rate-limited', 'request-in-flight', 'too-much-contention', 'unavailable', 'view-behind'].toSorted(),
    );
    for (const [code] of promising) {
      const { headers, body: json } = renderProblem({ code: code as ProblemCode, detail: 'x' }, 'urn:x');
      const body = JSON.parse(json.text) as Record<string, unknown>;
      expect(headers['Retry-After'], code).to.equal(String(body.retryAfterSeconds));
    }
  });
});

describe('a refusal', () => {
  const rendered = (refusal: Refusal) =>
    JSON.parse(renderProblem(problemOfRefusal(refusal, 'GBP'), '/api/v1/audit/attempts/1').body.text) as Record<string, unknown>;

  it('names the units that are not free', () => {
    const unavailable = [{ unitId: 'A1', status: 'sold' as const }];
    expect(rendered({ kind: 'seats-taken', unavailable })).to.deep.include({
      status: 409,
      code: 'seats-taken',
      type: '/docs/problems#seats-taken',
      instance: '/api/v1/audit/attempts/1',
      unavailable,
    });
  });

  it('carries the booking when it is too late for it', () => {
    for (const kind of ['already-confirmed', 'already-released', 'hold-expired'] as const) {
      expect(rendered({ kind, booking: BOOKING }), kind)
        .to.have.nested.property('booking.total')
        .that.deep.equals({ amount: 4500, currency: 'GBP' });
    }
  });

  it('carries the booking when the slot sells nothing more, where there is one', () => {
    for (const kind of ['slot-closed', 'not-on-sale', 'slot-cancelled'] as const) {
      expect(rendered({ kind, booking: BOOKING }), kind).to.have.nested.property('booking.bookingId', 'hamlet.x');
      expect(rendered({ kind }), kind).to.not.have.property('booking');
    }
  });

  it('tells what would help', () => {
    expect(rendered({ kind: 'stale-version', currentVersion: 7 })).to.include({ currentVersion: 7 });
    expect(rendered({ kind: 'price-changed', expectedTotal: 1, total: 2 })).to.deep.include({
      expectedTotal: 1,
      total: { amount: 2, currency: 'GBP' },
    });
    expect(rendered({ kind: 'hold-cap-reached', maxExpiresAt: 1_800_000, booking: BOOKING })).to.include({
      maxExpiresAt: '1970-01-01T00:30:00Z',
    });
    expect(rendered({ kind: 'would-leave-orphan', orphans: ['A3'] })).to.deep.include({ orphans: ['A3'] });
    const fault = { pointer: '/units', message: 'too many' };
    expect(rendered({ kind: 'limit-exceeded', fault, limit: 10 })).to.deep.include({ limit: 10, errors: [fault] });
  });
});
