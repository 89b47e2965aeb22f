import type { z } from 'zod';

/** A call: its input's schema, checked by the dispatcher, and its output's type, known to the compiler only. */
export interface CallDefinition<Input = unknown, Output = unknown> {
  readonly input: z.ZodType<Input>;
  /** Never set; carries the type. */
  readonly output?: Output;
}

/** `defineCall<Output>()(inputSchema)`. */
export function defineCall<Output>() {
  return <Input>(input: z.ZodType<Input>): CallDefinition<Input, Output> => ({ input });
}

export type CallInput<C> = C extends CallDefinition<infer Input, unknown> ? Input : never;
export type CallOutput<C> = C extends
  CallDefinition<never, infer Output> | CallDefinition<infer _I, infer Output>
  ? Output
  : never;
