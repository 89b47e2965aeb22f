import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, isSeq, type Scalar, visit, type YAMLSeq } from 'yaml';
import { parseSpec, tryParseSpec } from './spec.ts';

/** Keys that stay although they are what the default would be: without them a spec is hard to read. */
const kept = new Set(['objective', 'sampler', 'pruner', 'type']);

/**
 * A valid spec without what it would be given anyway.
 *
 * @throws SpecError when it is not valid.
 */
export function withoutDefaults(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const whole = structuredClone(input) as Record<string, unknown>;
  const filled = parseSpec(whole);
  const meansTheSame = (): boolean => isDeepStrictEqual(tryParseSpec(whole), filled);
  const thin = (section: Record<string, unknown>): void => {
    for (const [key, value] of Object.entries(section)) {
      if (value === undefined) {
        delete section[key];
        continue;
      }
      if (!kept.has(key)) {
        const entries = Object.entries(section);
        delete section[key];
        if (meansTheSame()) continue;
        // Put back where it was.
        for (const [name] of entries) delete section[name];
        Object.assign(section, Object.fromEntries(entries));
      }
      if (isSection(value)) thin(value);
    }
  };
  thin(whole);
  return whole;
}

const LINE_WIDTH = 100;

/** The spec as people write it, in YAML: sections below each other, spaces and short lists on one line, numbers side by side. */
export function toYaml(spec: Readonly<Record<string, unknown>>): string {
  const document = new Document(spec, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(_, node) {
      const isShort =
        node.items.length > 0 &&
        (isSeq(node) ? node.items : isMap(node) ? node.items.map(({ value }) => value) : []).every(
          (item) => isScalar(item) || (isSeq(item) && item.items.every(isScalar)),
        ) &&
        JSON.stringify(node).length <= 88;
      if (isShort) {
        node.flow = true;
        return visit.SKIP;
      }
      if (isSeq(node) && node.items.length > 0 && node.items.every(isNumber)) {
        fillLines(node);
        return visit.SKIP;
      }
    },
  });
  return document.toString({ lineWidth: LINE_WIDTH, flowCollectionPadding: true });
}

function isNumber(node: unknown): boolean {
  return isScalar(node) && Number.isFinite(node.value);
}

/** Rows of a table may be listed by the thousand; by itself, a long list has a line for each. */
function fillLines(list: YAMLSeq): void {
  list.flow = true;
  list.toString = (context?: { indent?: string }) =>
    flowText(
      list.items.map((item) => String((item as Scalar<number>).value)),
      context?.indent ?? '',
    );
}

function flowText(numbers: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = `${indent}[`;
  numbers.forEach((number, i) => {
    const next = ` ${number}${i < numbers.length - 1 ? ',' : ' ]'}`;
    if (line.length + next.length > LINE_WIDTH) {
      lines.push(line);
      line = `${indent} `;
    }
    line += next;
  });
  return [...lines, line].join('\n').trimStart();
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
