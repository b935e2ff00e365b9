import { JsonText } from './json-bytes.ts';
import { EDGE_PROBLEMS, type ProblemEntry, REFUSAL_PROBLEMS } from './problem-table.ts';

export type ProblemCode = keyof typeof EDGE_PROBLEMS | keyof typeof REFUSAL_PROBLEMS;

/** Where in the request a fault is. */
export type RequestFault =
  | { readonly pointer: string; readonly message: string }
  | { readonly parameter: string; readonly message: string }
  | { readonly header: string; readonly message: string };

export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  /** Members beyond those that every problem has, such as `errors` or `unavailable`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends the handling of a request with a problem. Thrown by the edge alone; refusals of commands are values. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** Every code with its status and meaning, for the answer, the docs page and the OpenAPI document. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemEntry>> = { ...EDGE_PROBLEMS, ...REFUSAL_PROBLEMS };

export function invalidInput(errors: readonly RequestFault[]): Problem {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return {
    code: 'invalid-input',
    detail: first === undefined ? 'The request is not valid.' : `${placeOf(first)} ${first.message}${more}.`,
    members: { errors },
  };
}

function placeOf(fault: RequestFault): string {
  if ('pointer' in fault) return fault.pointer === '' ? 'The body' : fault.pointer;
  return 'parameter' in fault ? `Parameter ${fault.parameter}` : `Header ${fault.header}`;
}

/** A problem with the table's own words. */
export function plainProblem(code: ProblemCode, headers?: Readonly<Record<string, string>>): Problem {
  return { code, detail: PROBLEMS[code].meaning, ...(headers === undefined ? {} : { headers }) };
}

/** What a problem's JSON begins with, by its code. */
const fronts = new Map<ProblemCode, string>();

function frontOf(code: ProblemCode): string {
  let front = fronts.get(code);
  if (front === undefined) {
    const { status, title } = PROBLEMS[code];
    front = JSON.stringify({ type: `/docs/problems#${code}`, title, status }).slice(0, -1);
    fronts.set(code, front);
  }
  return front;
}

export interface RenderedProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonText;
}

/**
 * @param instance what this very occurrence is called: a path where it is on record, or a URN.
 * @returns the problem as RFC 9457 writes it. `retryAfterSeconds` and Retry-After are there exactly when sending the same again may help.
 */
export function renderProblem(problem: Problem, instance: string): RenderedProblem {
  const { code, detail } = problem;
  const { status, retryAfterSeconds } = PROBLEMS[code];
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  let text = `${frontOf(code)},"detail":${JSON.stringify(detail)},"instance":${JSON.stringify(instance)},"code":"${code}"`;
  if (retryAfterSeconds !== undefined) {
    headers['Retry-After'] = String(retryAfterSeconds);
    text += `,"retryAfterSeconds":${retryAfterSeconds}`;
  }
  const members = problem.members === undefined ? '{}' : JSON.stringify(problem.members);
  const end = members === '{}' ? '}' : `,${members.slice(1)}`;
  return { status, headers: Object.assign(headers, problem.headers), body: new JsonText(text + end) };
}
