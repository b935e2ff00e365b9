import type { Random } from '../domain/oracle/random.ts';

/** What becomes of one write on its way to the database and back. */
export type Fate =
  | 'done'
  /** Refused on the way, and surely not written. */
  | 'unavailable'
  /** Never arrives, and nobody learns of that. */
  | 'request-lost'
  /** Is written, and nobody learns of that. */
  | 'answer-lost'
  /** Nobody knows for a while; then it is written after all, perhaps long after the sender has given it up. */
  | 'late'
  /** Arrives twice. */
  | 'twice';

/** How bad things are in a world: from nothing at all to every third write going wrong. */
export class Weather {
  private readonly random: Random;
  private storm: number;

  constructor(random: Random) {
    this.random = random;
    this.storm = random.pick([0, 0.05, 0.15, 0.3]);
  }

  /** From here on nothing goes wrong. */
  clear(): void {
    this.storm = 0;
  }

  get isClear(): boolean {
    return this.storm === 0;
  }

  fateOfWrite(): Fate {
    if (!this.random.chance(this.storm)) return 'done';
    return this.random.pick(['unavailable', 'request-lost', 'answer-lost', 'answer-lost', 'late', 'late', 'twice']);
  }

  /** Whether a read, or a message between client and service, is lost. */
  loses(): boolean {
    return this.random.chance(this.storm / 2);
  }

  /** Milliseconds on the way; now and then seconds. */
  latency(): number {
    if (this.random.chance(this.storm / 4)) return this.random.between(500, 4_000);
    return this.random.pick([0, 1, 1, 2, 3, 5, 8, 20]);
  }

  /** Milliseconds until a sender finds that it will learn nothing. */
  silence(): number {
    return this.random.between(20, 1_500);
  }

  /** Milliseconds after which a late write lands: some outlast every resend. */
  delay(): number {
    return this.random.pick([50, 500, 2_000, 6_000, 12_000]) + this.random.between(0, 500);
  }
}
