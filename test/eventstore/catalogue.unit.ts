import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CATALOGUE, decodeEvent, decodeMetadata, encodeEvent, encodeMetadata, newestData } from '../../src/eventstore/catalogue/codec.ts';
import { STORED_EVENTS } from '../../src/eventstore/catalogue/stored-events.ts';
import { type Catalogue, newestVersion, type StoredEvent, UnknownStoredEventError, upcast } from '../../src/eventstore/catalogue/upcast.ts';

const GOLDEN = new URL('./golden/', import.meta.url);

/** Events as the log holds them, one file each. A file is never changed: what it holds may stand in somebody's log. */
const golden = readdirSync(GOLDEN)
  .sort()
  .map((file) => ({ file, stored: JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')) as StoredEvent }));

describe('the stored events', () => {
  it('have a golden file for the newest form of every type', () => {
    const newest = golden.filter(({ stored }) => stored.schemaVersion === newestVersion(CATALOGUE, stored.type));

    expect([...new Set(newest.map(({ stored }) => stored.type))].sort()).to.deep.equal(Object.keys(STORED_EVENTS).sort());
    expect([...CATALOGUE.keys()].sort()).to.deep.equal(Object.keys(STORED_EVENTS).sort());
  });

  for (const { file, stored } of golden) {
    describe(file, () => {
      it('leads to the newest form of its type, with nothing left over', () => {
        const schema = STORED_EVENTS[stored.type as keyof typeof STORED_EVENTS];

        expect(schema.parse(newestData(stored))).to.deep.equal(newestData(stored));
      });

      it("becomes the domain's event, which is stored in the same bytes again", () => {
        const event = decodeEvent(stored);

        expect(event).to.deep.equal({ type: stored.type, ...JSON.parse(stored.data) });
        expect(encodeEvent(event)).to.deep.equal(stored);
      });
    });
  }

  it('of an unknown type are refused by name', () => {
    const stored = { type: 'SeatVanished', schemaVersion: 1, data: '{}' };

    expect(() => decodeEvent(stored))
      .to.throw(UnknownStoredEventError, 'SeatVanished at schema version 1')
      .that.includes({ type: 'SeatVanished' });
  });

  it('of a newer or impossible schema version are refused', () => {
    for (const schemaVersion of [0, 2, 99]) {
      expect(() => decodeEvent({ type: 'SlotClosed', schemaVersion, data: '{"reason":null}' })).to.throw(
        UnknownStoredEventError,
        `${schemaVersion}`,
      );
    }
  });
});

describe('a stream that was written over three releases', () => {
  // Release 1 held one seat, release 2 several, release 3 says how many of each.
  const catalogue: Catalogue = new Map([
    [
      'PlaceTaken',
      [
        ({ seat, ...rest }) => ({ ...rest, seats: [seat] }),
        ({ seats, ...rest }) => ({ ...rest, claims: (seats as string[]).map((unitId) => ({ unitId, quantity: 1 })) }),
      ],
    ],
    ['PlaceGiven', []],
  ]);
  const stream: readonly StoredEvent[] = [
    { type: 'PlaceTaken', schemaVersion: 1, data: '{"seat":"A1","by":"c-1"}' },
    { type: 'PlaceGiven', schemaVersion: 1, data: '{"by":"c-1"}' },
    { type: 'PlaceTaken', schemaVersion: 3, data: '{"by":"c-3","claims":[{"unitId":"yard","quantity":7}]}' },
    { type: 'PlaceTaken', schemaVersion: 2, data: '{"by":"c-2","seats":["B1","B2"]}' },
  ];

  it('is read in the newest form throughout', () => {
    expect(stream.map((stored) => upcast(catalogue, stored))).to.deep.equal([
      { by: 'c-1', claims: [{ unitId: 'A1', quantity: 1 }] },
      { by: 'c-1' },
      { by: 'c-3', claims: [{ unitId: 'yard', quantity: 7 }] },
      {
        by: 'c-2',
        claims: [
          { unitId: 'B1', quantity: 1 },
          { unitId: 'B2', quantity: 1 },
        ],
      },
    ]);
    expect(newestVersion(catalogue, 'PlaceTaken')).to.equal(3);
  });
});

describe('metadata', () => {
  it('come back as they were stored', () => {
    const metadata = { at: 1_800_000_000_000, actor: 'c-17', commandId: 'k', commandHash: null, correlationId: 'r-1', causationId: null };

    expect(decodeMetadata(encodeMetadata(metadata))).to.deep.equal(metadata);
  });

  it('are written as JSON would have them, whatever names are in them', () => {
    const metadata = { at: 1, actor: 'a"b', commandId: '\\', commandHash: null, correlationId: 'ü\n\u2028', causationId: 'e-1' };

    expect(encodeMetadata(metadata)).to.equal(JSON.stringify(metadata));
  });
});
