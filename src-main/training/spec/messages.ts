import { closest, distance as editDistance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { SpecIssue } from '../errors.ts';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a spec, in words.
 *
 * @param schema The spec's JSON Schema, which knows the keys and values that were allowed.
 */
export function toSpecIssues(
  issues: readonly Issue[],
  input: unknown,
  schema: SchemaNode,
): SpecIssue[] {
  const meant = (issue: Issue): Issue[] => flattenUnion(issue, input);
  return issues.flatMap(meant).flatMap((issue): SpecIssue[] => {
    if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
      const { path } = issue;
      const names = alternativesAt(path, schema, input).map((node) => node.const);
      const given = valueAt(input, path);
      return [
        {
          path: formatPath(path),
          message:
            given === undefined
              ? 'is required.'
              : `must be one of ${names.join(', ')}, but got ${showValue(given)}.${suggestion(given, names)}`,
        },
      ];
    }
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, key]),
        message: unknownKeyMessage(key, knownKeys(issue.path, schema, input), {
          beside: Object.keys(valueAt(input, issue.path) ?? {}).filter((other) => other !== key),
        }),
      }));
    return [
      { path: formatPath(issue.path), message: describeIssue(issue, valueAt(input, issue.path)) },
    ];
  });
}

/** Of a union's branches the one that the input was most likely meant for. */
function flattenUnion(issue: Issue, input: unknown): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const undecided = undecidedIssue(issue, valueAt(input, issue.path));
  if (undecided) return [undecided];
  const branches = issue.errors.map((branch) =>
    branch.flatMap((inner) =>
      flattenUnion({ ...inner, path: [...issue.path, ...inner.path] } as Issue, input),
    ),
  );
  const distance = (branch: Issue[]): number =>
    branch.reduce((sum, { code, path }) => {
      if (path.length > issue.path.length) return sum + 1;
      return sum + (code === 'invalid_type' ? 100 : 10);
    }, 0);
  const alternatives = new Set(issue.errors.map((branch) => branch[0]?.code));
  if (alternatives.size === 1 && branches.every((branch) => distance(branch) >= 100))
    return [issue];
  return branches.reduce((best, branch) => (distance(branch) < distance(best) ? branch : best));
}

/** Where each branch of a union has a key of its own and the section has none of them, nor one that is nearly so, nobody knows what was meant. */
function undecidedIssue(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  value: unknown,
): Issue | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const own = issue.errors.map(
    (branch) =>
      branch.find(({ path: [key, ...rest] }) => rest.length === 0 && !has(value, key))?.path[0],
  );
  const names = [...new Set(own)].filter((name) => typeof name === 'string');
  const given = Object.keys(value);
  if (own.includes(undefined) || names.length < 2) return null;
  if (given.some((key) => names.some((name) => isNear(key, name)))) return null;
  return {
    code: 'custom',
    path: issue.path,
    message: `must have one of ${names.join(', ')}, but has ${given.length > 0 ? `only ${given.join(', ')}` : 'none'}.`,
    input: value,
  };
}

function has(value: object, key: PropertyKey | undefined): boolean {
  return key === undefined || Object.hasOwn(value, key);
}

/** The rule that a value breaks, and the value. */
export function describeIssue(issue: Issue, value: unknown): string {
  const but = `, but got ${showValue(value)}.`;
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_type':
      if (value === undefined) return 'is required.';
      return `must be ${withArticle(issue.expected)}${but}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}${but}${suggestion(value, issue.values)}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}${but}`
        : `must have at least ${issue.minimum} ${issue.origin === 'string' ? 'characters' : 'entries'}${but}`;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}${but}`
        : `must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'entries'}${but}`;
    case 'invalid_union':
      if (value === undefined) return 'is required.';
      return `must be ${[...new Set(issue.errors.map(([first]) => (first?.code === 'invalid_type' ? withArticle(first.expected) : 'of another form')))].join(' or ')}${but}`;
    default:
      return `${issue.message}${but}`;
  }
}

function withArticle(type: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    tuple: 'a list',
    object: 'a section with keys',
    record: 'a section with keys',
  };
  return names[type] ?? type;
}

function showValue(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function unknownKeyMessage(
  key: string,
  known: readonly string[],
  { beside }: { beside: readonly string[] },
): string {
  // It is one where there is something else.
  if (known.includes(key)) return `does not go with ${beside.join(', ')}.`;
  return `is not a known key.${suggestion(key, known) || (known.length > 0 ? ` Known are ${known.join(', ')}.` : '')}`;
}

function suggestion(value: unknown, known: readonly unknown[]): string {
  const names = known.filter((name): name is string => typeof name === 'string');
  if (typeof value !== 'string' || names.length === 0) return '';
  const nearest = closest(
    value.toLowerCase(),
    names.map((name) => name.toLowerCase()),
  );
  const name = names.find((candidate) => candidate.toLowerCase() === nearest) ?? '';
  return isNear(value, name) ? ` Did you mean \`${name}\`?` : '';
}

/** Whether a slip of the keyboard could turn one into the other. */
function isNear(given: string, name: string): boolean {
  const [a, b] = [given, name].map((text) => text.toLowerCase().replaceAll(/[_-]/g, ''));
  if (a === b) return true;
  // Of so short a name a slip leaves nothing to know it by.
  if (name.length < 3) return false;
  return editDistance(a as string, b as string) <= Math.max(2, Math.floor(name.length / 3));
}

/** Keys and places as text: `training.optimizer.learningRate.float[1]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

export interface SchemaNode {
  const?: unknown;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  prefixItems?: SchemaNode[];
  anyOf?: SchemaNode[];
  oneOf?: SchemaNode[];
}

/** The schemas that what stands at this place of a spec may follow, those of another `type` than is given left out. */
function alternativesAt(
  path: readonly PropertyKey[],
  schema: SchemaNode,
  input: unknown,
): SchemaNode[] {
  const branches = (node: SchemaNode): SchemaNode[] =>
    node.properties ? [node] : ((node.anyOf ?? node.oneOf)?.flatMap(branches) ?? [node]);
  return path.reduce<SchemaNode[]>(
    (nodes, key, depth) =>
      fitting(nodes, valueAt(input, path.slice(0, depth)))
        .flatMap((node) =>
          typeof key === 'number'
            ? (node.prefixItems?.[key] ?? node.items ?? [])
            : (node.properties?.[String(key)] ?? []),
        )
        .flatMap(branches),
    branches(schema),
  );
}

/** Those whose constants the value has; all where none is. */
function fitting(nodes: SchemaNode[], value: unknown): SchemaNode[] {
  const some = nodes.filter((node) =>
    Object.entries(node.properties ?? {}).every(
      ([key, property]) => property.const === undefined || property.const === valueAt(value, [key]),
    ),
  );
  return some.length > 0 ? some : nodes;
}

/** The keys that may stand at this place of a spec. */
function knownKeys(path: readonly PropertyKey[], schema: SchemaNode, input: unknown): string[] {
  const nodes = fitting(alternativesAt(path, schema, input), valueAt(input, path));
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}
