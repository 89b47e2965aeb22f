import { calls, type CallName, type Handlers } from '../contract/contract.ts';
import { contractErrorCodes, type WireError } from '../contract/errors.ts';
import type { Reply } from '../contract/wire.ts';

/** Where what a window must not see is written: stacks, refused senders. `console` is one. */
export interface TransportLog {
  warn(message: string, error?: unknown): void;
  error(message: string, error?: unknown): void;
}

/** Answers calls by name. It never throws: what goes wrong is in the reply. */
export type Dispatch = (name: string, input: unknown, signal: AbortSignal) => Promise<Reply>;

/** The one place where input is checked and where an error becomes what a window is told of it. */
export function createDispatch(handlers: Handlers, log: TransportLog): Dispatch {
  return async (name, input, signal) => {
    if (!isCallName(name)) {
      return failure({
        code: contractErrorCodes.unknownCall,
        message: `There is no call named ${JSON.stringify(name)}.`,
      });
    }
    const checked = calls[name].input.safeParse(input);
    if (!checked.success) {
      return failure(invalidInput(name, checked.error.issues));
    }
    // The compiler cannot see that the schema and the handler of one name belong together.
    const handler = handlers[name] as (
      input: unknown,
      context: { signal: AbortSignal },
    ) => Promise<unknown>;
    try {
      return { ok: true, result: await handler(checked.data, { signal }) };
    } catch (error) {
      if (signal.aborted) {
        return failure({ code: contractErrorCodes.aborted, message: 'The call was aborted.' });
      }
      const wireError = toWireError(error);
      if (wireError.code === contractErrorCodes.internal) {
        log.error(`${name} failed`, error);
      } else if (isPlainAnswer(error)) {
        log.warn(`${name} answered ${wireError.code}: ${wireError.message}`);
      } else {
        log.warn(`${name} failed`, error);
      }
      return failure(wireError);
    }
  };
}

/** The reply that says `error`. */
export function failure(error: WireError): Reply {
  return { ok: false, error };
}

/** What `encode` makes of the reply, or of a failure when the result cannot be sent at all. */
export function encodeReply<Encoded>(reply: Reply, encode: (reply: Reply) => Encoded): Encoded {
  try {
    return encode(reply);
  } catch (error) {
    return encode(failure(toWireError(error)));
  }
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function invalidInput(name: string, issues: readonly Issue[]): WireError {
  const details = issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  const problems = details.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return {
    code: contractErrorCodes.invalidInput,
    message: `\`${name}\` does not take this input. ${problems.join('; ')}`,
    details,
  };
}

/** Whether an error with a code says all there is to know: nothing of the system, or of other code, is behind it. */
function isPlainAnswer(error: unknown): boolean {
  return error instanceof Error && error.cause === undefined && !('syscall' in error);
}

/** An error with a code of its own says it; any other is a fault of the program. */
function toWireError(error: unknown): WireError {
  if (!(error instanceof Error)) {
    return { code: contractErrorCodes.internal, message: String(error) };
  }
  const { code, details } = error as { code?: unknown; details?: unknown };
  return {
    code: typeof code === 'string' ? code : contractErrorCodes.internal,
    message: error.message,
    ...(details === undefined ? {} : { details }),
  };
}
