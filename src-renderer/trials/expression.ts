/**
 * Filter expressions: `value > 0.9 and learning_rate < 1e-2`, `state == "pruned" or not n_layers in [1, 2]`, `duration > 60`,
 * `tags contains "good"`.
 * Names are fields: parameters and attributes by their names, `value`, `number`, `state`, `epochs`, `duration` (seconds);
 * in backticks where they are no plain words. A comparison with something a trial does not have is false.
 * Interpreted, never evaluated as code.
 */
import type { CategoricalChoice } from '../../src-main/tuner/distributions.ts';
import type { Field } from './fields.ts';

export class ExpressionError extends Error {
  /** Where in the text, from 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = 'ExpressionError';
    this.position = position;
  }
}

type Value = CategoricalChoice;
type Evaluate = (row: number) => Value;

interface Token {
  readonly kind: 'number' | 'string' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly position: number;
}

const tokenPattern =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|"(?<double>[^"]*)"|'(?<single>[^']*)'|`(?<quoted>[^`]+)`|(?<name>[\p{L}_][\p{L}\p{N}_.]*)|(?<sign>==|!=|<=|>=|&&|\|\||[<>=!+\-*/(),[\]]))/uy;

/** @throws ExpressionError naming what is wrong and where. */
export function compileExpression(
  expression: string,
  fields: readonly Field[],
): (row: number) => boolean {
  const evaluate = new Parser(tokenize(expression), fields).parse();
  return (row) => isTrue(evaluate(row));
}

/** What is wrong with an expression, or null. */
export function findMistake(expression: string, fields: readonly Field[]): ExpressionError | null {
  try {
    compileExpression(expression, fields);
    return null;
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const end = expression.trimEnd().length;
  while (position < end) {
    tokenPattern.lastIndex = position;
    const match = tokenPattern.exec(expression);
    if (!match) {
      const at =
        position +
        (expression.slice(position).length - expression.slice(position).trimStart().length);
      throw new ExpressionError(`“${expression[at]}” is not understood here.`, at);
    }
    const { number, double, single, quoted, name, sign } = match.groups ?? {};
    const start = tokenPattern.lastIndex - match[0].trimStart().length;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, position: start });
    else if (double !== undefined || single !== undefined)
      tokens.push({ kind: 'string', text: double ?? single ?? '', position: start });
    else if (quoted !== undefined)
      tokens.push({ kind: 'name', text: `\`${quoted}`, position: start });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, position: start });
    else tokens.push({ kind: 'sign', text: sign ?? '', position: start });
    position = tokenPattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', position: end });
  return tokens;
}

/** Recursive descent, one method per level of precedence. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #fields: readonly Field[];
  #next = 0;

  constructor(tokens: readonly Token[], fields: readonly Field[]) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  parse(): Evaluate {
    const evaluate = this.#or();
    const rest = this.#peek();
    if (rest.kind !== 'end')
      throw new ExpressionError(`“${rest.text}” is not expected here.`, rest.position);
    return evaluate;
  }

  #or(): Evaluate {
    let left = this.#and();
    while (this.#take('or', '||')) {
      const [a, b] = [left, this.#and()];
      left = (row) => isTrue(a(row)) || isTrue(b(row));
    }
    return left;
  }

  #and(): Evaluate {
    let left = this.#not();
    while (this.#take('and', '&&')) {
      const [a, b] = [left, this.#not()];
      left = (row) => isTrue(a(row)) && isTrue(b(row));
    }
    return left;
  }

  #not(): Evaluate {
    if (!this.#take('not', '!')) return this.#comparison();
    const operand = this.#not();
    return (row) => !isTrue(operand(row));
  }

  #comparison(): Evaluate {
    const left = this.#sum();
    const negated = this.#isAhead('not', 'in') && this.#take('not') !== null;
    if (this.#take('in')) {
      const choices = this.#list();
      return (row) => {
        const value = left(row);
        if (value === null) return false;
        return choices.some((choice) => isEqual(value, choice(row))) !== negated;
      };
    }
    const operator = this.#take('==', '=', '!=', '<=', '>=', '<', '>', 'contains');
    if (operator === null) return left;
    const right = this.#sum();
    return (row) => compare(operator, left(row), right(row));
  }

  #list(): Evaluate[] {
    const close = this.#take('[', '(') === '[' ? ']' : ')';
    const entries: Evaluate[] = [this.#sum()];
    while (this.#take(',')) entries.push(this.#sum());
    this.#expect(close);
    return entries;
  }

  #sum(): Evaluate {
    let left = this.#product();
    for (;;) {
      const operator = this.#take('+', '-');
      if (operator === null) return left;
      const [a, b] = [left, this.#product()];
      left =
        operator === '+' ? arithmetic(a, b, (x, y) => x + y) : arithmetic(a, b, (x, y) => x - y);
    }
  }

  #product(): Evaluate {
    let left = this.#unary();
    for (;;) {
      const operator = this.#take('*', '/');
      if (operator === null) return left;
      const [a, b] = [left, this.#unary()];
      left =
        operator === '*' ? arithmetic(a, b, (x, y) => x * y) : arithmetic(a, b, (x, y) => x / y);
    }
  }

  #unary(): Evaluate {
    if (this.#take('-'))
      return arithmetic(
        () => 0,
        this.#unary(),
        (x, y) => x - y,
      );
    return this.#primary();
  }

  #primary(): Evaluate {
    const token = this.#peek();
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    this.#next++;
    if (token.kind === 'number') {
      const number = Number(token.text);
      return () => number;
    }
    if (token.kind === 'string') return () => token.text;
    if (token.kind === 'name') return this.#name(token);
    throw new ExpressionError(
      token.kind === 'end'
        ? 'The expression is not complete.'
        : `“${token.text}” is not expected here.`,
      token.position,
    );
  }

  #name(token: Token): Evaluate {
    const isQuoted = token.text.startsWith('`');
    const name = isQuoted ? token.text.slice(1) : token.text;
    if (!isQuoted) {
      const constant = constants.get(name.toLowerCase());
      if (constant !== undefined) return () => constant;
    }
    const field = findField(name, this.#fields);
    if (!field)
      throw new ExpressionError(
        `There is no parameter, value or attribute “${name}”.`,
        token.position,
      );
    if (field.kind !== 'duration') return (row) => field.value(row);
    return (row) => {
      const ms = field.key(row);
      return Number.isNaN(ms) ? null : ms / 1000;
    };
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', position: 0 };
  }

  #isAhead(...texts: string[]): boolean {
    return texts.every((text, i) => this.#tokens[this.#next + i]?.text.toLowerCase() === text);
  }

  #take(...texts: string[]): string | null {
    const token = this.#peek();
    if (token.kind !== 'sign' && token.kind !== 'name') return null;
    const lower = token.text.toLowerCase();
    if (!texts.includes(lower)) return null;
    this.#next++;
    return lower;
  }

  #expect(sign: string): void {
    if (this.#take(sign) === null)
      throw new ExpressionError(`“${sign}” is missing.`, this.#peek().position);
  }
}

const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['none', null],
]);

/** `value` alone is the first objective; ids, then titles, then titles in any case. */
function findField(name: string, fields: readonly Field[]): Field | undefined {
  const byId = name === 'value' ? 'value:0' : name;
  return (
    fields.find(({ id, title, group }) => group === 'param' && (title === name || id === name)) ??
    fields.find(({ id }) => id === byId) ??
    fields.find(({ title }) => title === name) ??
    fields.find(({ title }) => title.toLowerCase() === name.toLowerCase())
  );
}

function arithmetic(a: Evaluate, b: Evaluate, combine: (x: number, y: number) => number): Evaluate {
  return (row) => {
    const [x, y] = [a(row), b(row)];
    return typeof x === 'number' && typeof y === 'number' ? combine(x, y) : null;
  };
}

function compare(operator: string, a: Value, b: Value): boolean {
  if (operator === '==' || operator === '=') return isEqual(a, b);
  if (operator === '!=') return a !== null && !isEqual(a, b);
  if (operator === 'contains')
    return a !== null && b !== null && String(a).toLowerCase().includes(String(b).toLowerCase());
  if (a === null || b === null || typeof a !== typeof b) return false;
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** `x == null` asks whether a trial does not have x. */
function isEqual(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  return a === b;
}

function isTrue(value: Value): boolean {
  return (
    value === true ||
    (typeof value === 'number' && value !== 0) ||
    (typeof value === 'string' && value !== '')
  );
}
