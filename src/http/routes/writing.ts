import { hash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';
import type { z } from 'zod';
import type { CommandContext, CommandResult } from '../../commands/command-service.ts';
import type { Mapped } from '../../commands/schemas/mapped.ts';
import { noQuerySchema } from '../../commands/schemas/query-strings.ts';
import { compileSchema } from '../../commands/schemas/validator.ts';
import type { FieldFault } from '../../domain/slot/refusals.ts';
import { type BodyRule, type JsonBody, readJson } from '../body.ts';
import { CALLER } from '../edge.ts';
import type { Answer, Exchange, Route } from '../exchange.ts';
import { idempotencyKeyOf, ifMatchOf } from '../headers.ts';
import { invalidInput, ProblemError } from '../problem.ts';
import { compileQuery, type QueryReader } from '../query-string.ts';
import { remembered } from '../remembered.ts';
import { splitUrl } from '../serve.ts';

const readNoQuery: QueryReader<object> = compileQuery(noQuerySchema);

/** A route's body with the headers that go with a write. */
export interface Write<Input> {
  readonly exchange: Exchange;
  readonly input: Input;
  readonly context: CommandContext;
}

export interface WriteDefinition<Schema extends z.ZodType> {
  readonly method?: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Schema;
  readonly rule: BodyRule;
  answer(write: Write<z.input<Schema>>): Promise<Answer>;
  /** What becomes of a request that was refused before `answer` could be called, or by it; thrown on when there is nothing to do. */
  onRefused?(exchange: Exchange, error: unknown, body: JsonBody | null): Answer;
}

/** Makes a route that changes something; body and headers are read before the handler is called. */
export function writeRoute<Schema extends z.ZodType>(definition: WriteDefinition<Schema>): Route {
  const { method = 'POST', path, body: bodySchema, rule, onRefused } = definition;
  const check = compileSchema(bodySchema);
  const handle = async (exchange: Exchange): Promise<Answer> => {
    let body: JsonBody | null = null;
    try {
      readNoQuery(exchange.query);
      body = await readJson(exchange.request, rule);
      const validated = check(body.value, body.bytes);
      if (validated.kind === 'faulty') throw faulty(validated.faults);
      return await definition.answer({ exchange, input: validated.input, context: contextOf(exchange, validated.input) });
    } catch (error) {
      if (onRefused === undefined) throw error;
      return onRefused(exchange, error, body);
    }
  };
  return { method, path, querySchema: noQuerySchema, bodySchema, bodyMayBeAbsent: rule.mayBeAbsent, handle };
}

/** The command, or an end with `invalid-input`. */
export function demand<Value>(made: Mapped<Value>): Value {
  if (made.kind === 'faulty') throw faulty(made.faults);
  return made.value;
}

/** What an answer says that was given before. */
export const REPLAYED = { 'Idempotent-Replay': 'true' } as const;

/** Headers of an answer that was given before are the same, and say so. */
export function replayHeader(result: Extract<CommandResult, { kind: 'accepted' }>): Readonly<Record<string, string>> {
  return result.replayed ? REPLAYED : {};
}

function contextOf(exchange: Exchange, input: unknown): CommandContext {
  const key = idempotencyKeyOf(exchange.request);
  const ifMatch = ifMatchOf(exchange.request);
  const version = ifMatch.kind === 'version' ? ifMatch.version : null;
  if (key !== null) return new KeyedContext(commandIdOf(exchange, key), input, version, exchange.correlationId);
  return { commandId: null, commandHash: null, ifMatch: version, actor: CALLER, correlationId: exchange.correlationId };
}

/** Of a request with a key. In a rush most are refused, and nobody asks for the hash of what they had in them. */
class KeyedContext implements CommandContext {
  readonly commandId: string;
  readonly ifMatch: number | null;
  readonly actor = CALLER;
  readonly correlationId: string;
  private readonly input: unknown;
  private hash: string | null = null;

  constructor(commandId: string, input: unknown, ifMatch: number | null, correlationId: string) {
    this.commandId = commandId;
    this.input = input;
    this.ifMatch = ifMatch;
    this.correlationId = correlationId;
  }

  /** By value: neither the order of keys nor white space makes another body. */
  get commandHash(): string {
    this.hash ??= hashOf(stringify(this.input) ?? '');
    return this.hash;
  }
}

/** One key means one thing for one caller, method and path, however the path was spelled. */
function commandIdOf(exchange: Exchange, key: string): string {
  const { method, url = '' } = exchange.request;
  return hashOf(`["${CALLER}","${method}",${partsOf(url)},${JSON.stringify(key)}]`);
}

/** The decoded parts of the path of an address, as JSON. */
const partsOf = remembered((url) => {
  const parts = splitUrl(url)
    .path.split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  return JSON.stringify(parts);
});

function hashOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

function faulty(faults: readonly FieldFault[]): ProblemError {
  return new ProblemError(invalidInput(faults));
}
