import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobResult, StreamResult } from './jobs.ts';

/**
 * While the generator collects, every answer seems late. It has the servers' room for young objects, and so much for
 * old ones that it never comes to marking them: that would take both cores for milliseconds, once in a second, from
 * the server that is being measured.
 */
const HEAP = ['--max-semi-space-size=64', '--initial-old-space-size=512'];
const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

/** A load generator in a process of its own. One job at a time. */
export class LoadGenerator {
  private readonly child: ChildProcess;

  constructor() {
    this.child = fork(PROGRAM, { execArgv: [...HEAP, '--import', 'tsx'] });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @throws Error when anything was answered that was not expected. @returns one result per stream. */
  async run(job: Job): Promise<readonly StreamResult[]> {
    const result = await new Promise<JobResult>((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the load generator ended with ${code}`));
      this.child.once('exit', onExit);
      this.child.once('message', (message) => {
        this.child.off('exit', onExit);
        resolve(message as JobResult);
      });
      this.child.send(job);
    });
    if (result.kind === 'failed') throw new Error(result.message);
    return result.streams;
  }

  close(): void {
    this.child.disconnect();
  }
}
