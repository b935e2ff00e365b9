import { expect } from 'chai';
import { type Claim, KeyClaims, type Reservation } from '../../src/commands/key-claims.ts';
import { type EventStore, OutcomeUnknownError } from '../../src/eventstore/event-store.ts';
import { createMemoryRequestKeys } from '../../src/eventstore/memory-request-keys.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import type { KeyedRequest, RequestKeys } from '../../src/eventstore/request-keys.ts';
import { acceptedOf, commandSide, keyed, rejectionOf } from '../support/command-side.ts';
import { NOW, openSlot } from '../support/slot-builders.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('a claim of a key', () => {
  let now: number;
  let store: EventStore;
  let keys: RequestKeys;
  let claims: KeyClaims;

  beforeEach(() => {
    now = NOW;
    store = createMemoryEventStore({ now: () => now });
    keys = createMemoryRequestKeys(() => now);
    claims = new KeyClaims(keys, store);
  });

  const hamlet: KeyedRequest = { commandId: 'k', bodyHash: 'of hamlet', slotId: 'hamlet' };
  const lear: KeyedRequest = { commandId: 'k', bodyHash: 'of lear', slotId: 'lear' };
  const layout: KeyedRequest = { commandId: 'k', bodyHash: 'of a layout', slotId: null };
  const open = async (slotId: string, commandId: string) =>
    acceptedOf(await commandSide(store).execute(slotId, openSlot({ slotId }), keyed(commandId)));

  const reserved = (claim: Claim): Reservation => {
    if (claim.kind !== 'reserved') throw new Error(`Expected the key to be free, it is ${claim.kind}.`);
    return claim.reservation;
  };

  it('is refused to another body while the first is under way, and for good once its slot was opened', async () => {
    reserved(await claims.claim(hamlet));
    expect(await claims.claim(lear)).to.deep.equal({ kind: 'in-flight' });

    const { place } = await open('hamlet', 'k');

    expect(await claims.claim(lear)).to.deep.equal({ kind: 'reused', by: { position: place.position } });
    now += 400 * DAY;
    expect(await claims.claim(lear)).to.deep.equal({ kind: 'reused', by: { position: place.position } });
    reserved(await claims.claim(hamlet));
  });

  it('is free again when all were refused who shared it', async () => {
    const [one, two] = [reserved(await claims.claim(hamlet)), reserved(await claims.claim(hamlet))];

    await claims.release(one);
    expect(await claims.claim(lear)).to.deep.equal({ kind: 'in-flight' });
    await claims.release(two);

    reserved(await claims.claim(lear));
    expect(await claims.claim(hamlet)).to.deep.equal({ kind: 'in-flight' });
  });

  it('passes on what a crash has left, ten minutes after somebody last came with it', async () => {
    reserved(await claims.claim(hamlet));
    now += 9 * MINUTE;
    reserved(await claims.claim(hamlet));
    now += 9 * MINUTE;
    expect(await claims.claim(lear)).to.deep.equal({ kind: 'in-flight' });
    now += MINUTE;

    reserved(await claims.claim(lear));

    expect(await claims.claim(hamlet)).to.deep.equal({ kind: 'in-flight' });
  });

  it('passes on what a crash has left although the slot was opened by another key', async () => {
    await open('hamlet', 'another');
    reserved(await claims.claim(hamlet));
    now += 10 * MINUTE;

    reserved(await claims.claim(lear));
  });

  it('gives the answer that was kept, for thirty days at least', async () => {
    await claims.bind(reserved(await claims.claim(layout)), 'the answer');
    const other = { ...layout, bodyHash: 'of another' };

    now += 29 * DAY;
    expect(await claims.claim(layout)).to.deep.equal({ kind: 'answered', answer: 'the answer' });
    expect(await claims.claim(other)).to.deep.equal({ kind: 'reused', by: { answer: 'the answer' } });
    now += DAY;
    reserved(await claims.claim(other));
  });

  it('gives the answer of the same request that was faster elsewhere', async () => {
    const [here, there] = [reserved(await claims.claim(layout)), reserved(await claims.claim(layout))];

    expect(await claims.bind(there, 'the first')).to.equal(null);
    expect(await claims.bind(here, 'the second')).to.equal('the first');
  });

  it('tells of an answer that could not be kept as of one that may have been given', async () => {
    const late = reserved(await claims.claim(layout));
    now += 10 * MINUTE;
    reserved(await claims.claim({ ...layout, bodyHash: 'of another' }));
    const broken = new KeyClaims({ ...keys, bind: () => Promise.reject(new Error('planned')) }, store);

    expect(await rejectionOf(claims.bind(late, 'too late'))).to.be.instanceOf(OutcomeUnknownError);
    expect(await rejectionOf(broken.bind(late, 'lost'))).to.be.instanceOf(OutcomeUnknownError);
  });

  it('leaves to time what cannot be given back', async () => {
    const broken = new KeyClaims({ ...keys, release: () => Promise.reject(new Error('planned')) }, store);

    await broken.release(reserved(await broken.claim(hamlet)));

    expect(await claims.claim(lear)).to.deep.equal({ kind: 'in-flight' });
  });

  it('asks again when the key was given back before it was looked up', async () => {
    const first = reserved(await claims.claim(hamlet));
    const overtaken = new KeyClaims(
      {
        ...keys,
        find: async (commandId) => {
          await claims.release(first);
          return keys.find(commandId);
        },
      },
      store,
    );

    reserved(await overtaken.claim(lear));
  });
});
