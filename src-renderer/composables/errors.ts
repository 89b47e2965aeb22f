import { ContractError, contractErrorCodes } from '../../src-main/contract/errors.ts';
import { text } from '../text.ts';

/** A failure as it is shown: what happened in words, and details to copy. */
export interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly details: string;
}

export function toShownError(error: unknown): ShownError {
  const code = error instanceof ContractError ? error.code : contractErrorCodes.internal;
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof ContractError ? error.details : undefined;
  // Where a fault of the page itself is; those of the main side stay in its log.
  const stack = error instanceof Error && !(error instanceof ContractError) ? error.stack : null;
  return {
    code,
    message: text.errors.byCode[code] ?? message,
    details: [
      `${code}: ${message}`,
      details === undefined ? '' : JSON.stringify(details, null, 2),
      stack,
    ]
      .filter(Boolean)
      .join('\n'),
  };
}

export function hasCode(error: unknown, code: string): error is ContractError {
  return error instanceof ContractError && error.code === code;
}
