import type { Mutation } from './mutations.ts';

const QUEUE = 'src/commands/slot-queue.ts';
const APPENDED = `      const position = await this.append(slot, decided, expectedVersion);`;
const TAKEN_BACK = `      conflicts += 1;
      slot.state.rollback();`;
const NOTHING_TO_WRITE = `      if (decided.events.length === 0) {
        slot.state.rollback();`;
const READ_AGAIN = `      await this.loader.catchUp(slot);
      isCurrent = true;
      if (conflicts`;

/** Deliberate bugs of what brings decisions into the log. */
export const QUEUEING_MUTATIONS: readonly Mutation[] = [
  {
    bug: 'two appends of one slot are in flight',
    edits: [
      {
        file: QUEUE,
        text: APPENDED,
        becomes: `      slot.state.commit();
      this.inFlight = this.append(slot, decided, expectedVersion).then(
        (found) => {
          slot.position = found ?? slot.position;
          if (found !== null) this.finish(decided, found, expectedVersion + decided.events.length);
          return found;
        },
        (error) => {
          for (const one of batch) one.reject(error);
          return null;
        },
      );
      this.inFlight.then((found) => {
        if (found !== null) return;
        this.slot = null;
        this.inFlight = undefined;
        for (const one of batch) one.reject(new TooMuchContentionError('somebody was faster'));
      });
      if (conflicts < MAX_TRIES) return;
${APPENDED}`,
      },
      {
        file: QUEUE,
        text: NOTHING_TO_WRITE,
        becomes: `${NOTHING_TO_WRITE}
        if ((await this.inFlight) === null) throw new TooMuchContentionError('somebody was faster');`,
      },
    ],
    caughtBy: [
      {
        file: 'test/commands/slot-queue.unit.ts',
        title: 'never has two appends in flight, and decides what came meanwhile in the next one',
      },
    ],
  },
  {
    bug: 'the state is not rolled back on a conflict',
    edits: [{ file: QUEUE, text: TAKEN_BACK, becomes: TAKEN_BACK.replace('rollback', 'commit') }],
    caughtBy: [{ file: 'test/commands/conflicts.unit.ts', title: 'takes its decisions back, applies what happened, and decides again' }],
  },
  {
    bug: 'a retry does not decide again',
    edits: [
      {
        file: QUEUE,
        text: READ_AGAIN,
        becomes: `      await this.loader.catchUp(slot);
      const again = await this.append(slot, decided, slot.state.version);
      if (again !== null) {
        await this.loader.catchUp(slot);
        this.finish(decided, again, slot.state.version);
        return;
      }
${READ_AGAIN}`,
      },
    ],
    caughtBy: [{ file: 'test/commands/conflicts.unit.ts', title: 'takes its decisions back, applies what happened, and decides again' }],
  },
  {
    bug: 'a command is acknowledged before its append has returned',
    edits: [
      {
        file: QUEUE,
        text: APPENDED,
        becomes: `      this.finish(decided, slot.position + decided.events.length, slot.state.version);
${APPENDED}`,
      },
    ],
    caughtBy: [
      {
        file: 'test/commands/unknown-outcome.unit.ts',
        title: 'is told to those who wait when the store is gone for good; the next command reads the log first',
      },
    ],
  },
  {
    bug: 'the slot goes on deciding after an append of which nobody knows what became',
    edits: [
      {
        file: QUEUE,
        text: '      return this.resend(decided.events, expectedVersion, error);',
        becomes: `      slot.state.commit();
      throw error;`,
      },
      {
        file: QUEUE,
        text: `        this.slot = null;
        for (const one of batch) one.reject(error);`,
        becomes: `        if (!(error instanceof OutcomeUnknownError)) this.slot = null;
        for (const one of batch) one.reject(error);`,
      },
    ],
    caughtBy: [{ file: 'test/commands/unknown-outcome.unit.ts', title: 'lets the slot decide nothing before it is known' }],
  },
  {
    bug: 'a command is given up at the first conflict',
    edits: [{ file: QUEUE, text: 'const MAX_TRIES = 12;', becomes: 'const MAX_TRIES = 1;' }],
    caughtBy: [{ file: 'test/commands/conflicts.unit.ts', title: 'takes its decisions back, applies what happened, and decides again' }],
  },
];
