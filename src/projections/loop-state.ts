import type { PoisonEventError } from './fold.ts';

/** What the runner says about itself. */
export interface RunnerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type LoopState =
  /** Not started, or stopped. */
  | { readonly kind: 'stopped' }
  /** Another process runs the projection; this one takes over when that one dies. */
  | { readonly kind: 'standby' }
  | { readonly kind: 'running' }
  /** Filled from the log, beside the build that is read. */
  | { readonly kind: 'building' }
  /** Something that may pass is in the way, such as a database that is gone. */
  | { readonly kind: 'retrying'; readonly error: string }
  /** An event cannot be folded. The build stands before it until an operator or a restart lets it go on. */
  | { readonly kind: 'failed'; readonly error: string; readonly event: PoisonEventError['event'] };
