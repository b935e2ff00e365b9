import type { AttemptQueue, AttemptRecorder } from '../commands/attempts.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { KeyClaims } from '../commands/key-claims.ts';
import type { AttemptQueries } from '../queries/attempts.ts';
import type { AuditQueries, SlotHistory } from '../queries/audit.ts';
import type { LiveMaps } from '../queries/live/live-maps.ts';
import type { ProjectionAdmin } from '../queries/projection-admin.ts';
import type { Queries } from '../queries/queries.ts';
import type { RequestMeter } from './request-meter.ts';

/** Who asks, until there is authentication: everybody shares one space of idempotency keys. */
export const CALLER = 'anonymous';

/** What is wrong, in words for an operator: a bare text where requests cannot be served, `degraded` where they are, only less well. */
export type ReadinessFault = string | { readonly degraded: string };

/** One thing that the service needs in order to work, or to work well. */
export interface ReadinessCheck {
  readonly name: string;
  /** @returns null when all is well. */
  check(): Promise<ReadinessFault | null>;
}

/** Where the edge tells what an operator should know. A pino logger fits. */
export interface EdgeLog {
  error(facts: object, message: string): void;
}

/** Where requests are counted, and the page that tells of everything that is counted. */
export interface EdgeMetrics {
  readonly requests: RequestMeter;
  readonly contentType: string;
  /** The page; made within some seconds, whatever hangs. */
  text(): Promise<string>;
}

export interface EdgeDependencies {
  readonly commands: CommandService;
  /** Keys of requests that no slot's stream can know before they are carried out. */
  readonly keys: KeyClaims;
  readonly queries: Queries;
  /** Seat maps that are told as they change; they end with the server. */
  readonly live: LiveMaps;
  readonly audit: AuditQueries;
  readonly history: SlotHistory;
  readonly attempts: AttemptQueries;
  readonly recorder: AttemptRecorder;
  readonly attemptQueue: AttemptQueue;
  readonly projections: ProjectionAdmin;
  readonly readiness: readonly ReadinessCheck[];
  readonly metrics: EdgeMetrics;
  /** Origins that browsers may call from; empty switches CORS off. */
  readonly corsOrigins: readonly string[];
  readonly log: EdgeLog;
}

/** The highest log position that this process has told anybody: what an answer carries that never came to look at the log. */
export class Watermark {
  private highest = 0;

  get position(): number {
    return this.highest;
  }

  raise(position: number): void {
    if (position > this.highest) this.highest = position;
  }
}
