/** What an error becomes on the wire. Stacks stay in the log. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/** Codes that the contract itself uses; others come from the tuner and training as they are. */
export const contractErrorCodes = {
  /** The input does not fit the call's schema; `details` lists the problems. */
  invalidInput: 'INVALID_INPUT',
  /** No call has that name. */
  unknownCall: 'UNKNOWN_CALL',
  /** The call was aborted by its caller. */
  aborted: 'ABORTED',
  /** The other side went away before it answered. */
  disconnected: 'DISCONNECTED',
  /** Anything without a code of its own: a fault of the program. */
  internal: 'INTERNAL',
} as const;

/** A failed call, on the caller's side. */
export class ContractError extends Error {
  readonly code: string;
  readonly details: unknown;

  constructor({ code, message, details }: WireError) {
    super(message);
    this.name = 'ContractError';
    this.code = code;
    this.details = details;
  }
}
