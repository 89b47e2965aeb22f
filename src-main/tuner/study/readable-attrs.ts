import { logger } from '../logger.ts';
import { isNotJson } from '../python-json.ts';
import type { Attrs } from '../trial/frozen-trial.ts';

/** Attributes for another storage, without those that are stored as what is no JSON, of which a warning tells. @param owner What has them, for the warning. */
export function readableAttrs(attrs: Attrs, owner: string): Attrs {
  const broken = Object.keys(attrs).filter((key) => isNotJson(attrs[key] ?? null));
  if (broken.length === 0) return attrs;
  logger.warn(
    `${owner} is copied without attributes that are not stored as JSON: ${broken.join(', ')}.`,
  );
  return Object.fromEntries(Object.entries(attrs).filter(([key]) => !broken.includes(key)));
}
