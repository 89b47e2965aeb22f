import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
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

/** The spec as people write it, in YAML: sections below each other, spaces and short lists on one line. */
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
    },
  });
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
