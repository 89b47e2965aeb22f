/**
 * "Which way imports point" of ARCHITECTURE.md as an ESLint rule. It resolves relative imports, so that
 * `../services/runs.ts` is judged by the folder it is in and not by how it is spelled.
 */
import { dirname, relative, resolve, sep } from 'node:path';

/** The files directly in src-main, such as open-storage.ts: what the entry points have in common. */
const WIRING = 'src-main/*';

const entryPoint = {
  may: [WIRING, 'src-main/services', 'src-main/transports', 'src-main/contract', 'src-main/tuner'],
  types: ['src-main/training'],
};

/**
 * folder: what it may import of ours besides itself; the longest folder that matches counts.
 * `types` may be imported as types only, `not` is taken out of `may`.
 */
const OURS = {
  'src-main': { may: ['src-main/tuner', 'package.json'] },
  'src-main/tuner': { may: [] },
  'src-main/tuner/math': { may: [] },
  'src-main/training': { may: ['src-main/tuner', 'src-main/runtimes.ts'] },
  'src-main/contract': { may: [], types: ['src-main/tuner'] },
  'src-main/services': { may: ['src-main/contract', 'src-main/tuner', 'src-main/training'] },
  'src-main/transports': { may: ['src-main/contract'] },
  'src-main/electron': entryPoint,
  'src-main/server': entryPoint,
  'src-main/cli': entryPoint,
  'src-renderer': {
    may: ['src-main/contract', 'src-main/tuner'],
    not: ['samplers', 'pruners', 'storages'].map((name) => `src-main/tuner/${name}`),
  },
};

/** Packages that only some folders and files may import (`only`), or some may not (`never`). */
const PACKAGES = [
  { name: /^(better-sqlite3|pg)$/, only: ['src-main/open-storage.ts'] },
  {
    name: /^electron(\/.*)?$/,
    only: ['src-main/electron', 'src-main/transports/electron-ipc.ts'],
  },
  { name: /^(vue-)?echarts(\/.*)?$/, only: ['src-renderer/charts'] },
  { name: /^@tensorflow\//, only: ['src-main/training'] },
  { name: /^node:/, never: ['src-main/tuner', 'src-main/contract', 'src-renderer'] },
];

const TABLE = 'see "Which way imports point" in ARCHITECTURE.md';

/** Why `file` may not import `source`, or undefined. Paths are relative to the root, with slashes. */
function objection(file, source, isType) {
  if (!source.startsWith('.')) {
    return isType ? undefined : packageObjection(file, source);
  }
  const target = resolve('/', dirname(file), source).slice(1);
  const folder = Object.keys(OURS)
    .filter((name) => isIn(file, [name]))
    .sort((a, b) => b.length - a.length)[0];
  const { may, types = [], not = [] } = OURS[folder];
  const itself = folder === 'src-main' ? WIRING : folder;
  if (isIn(target, [itself, ...may, ...(isType ? types : [])]) && !isIn(target, not)) {
    return undefined;
  }
  const asWhat = isIn(target, types) ? ' except as a type' : '';
  return `${folder} may not import ${target}${asWhat}: ${TABLE}.`;
}

function packageObjection(file, source) {
  const rule = PACKAGES.find(({ name }) => name.test(source));
  if (rule?.only && !isIn(file, rule.only)) {
    return `Only ${rule.only.join(' and ')} may import ${source}: ${TABLE}.`;
  }
  if (rule?.never && isIn(file, rule.never)) {
    return `${rule.never.join(', ')} may not import ${source}: ${TABLE}.`;
  }
  return undefined;
}

/** Whether a path is one of the files, or in one of the folders; `folder/*` means directly in it. */
function isIn(path, places) {
  return places.some((place) =>
    place.endsWith('/*')
      ? dirname(path) === dirname(place)
      : path === place || path.startsWith(`${place}/`),
  );
}

const rule = {
  meta: { type: 'problem', schema: [], messages: { forbidden: '{{objection}}' } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    const check = (node, source, isType) => {
      const text = source?.type === 'Literal' ? objection(file, String(source.value), isType) : '';
      if (text) {
        context.report({ node, messageId: 'forbidden', data: { objection: text } });
      }
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, isTypeImport(node)),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
    };
  },
};

function isTypeImport({ importKind, specifiers }) {
  return (
    importKind === 'type' ||
    (specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === 'type'))
  );
}

/** The configuration that puts the table in force. */
export const importTable = {
  files: ['src-main/**', 'src-renderer/**'],
  plugins: { architecture: { rules: { imports: rule } } },
  rules: { 'architecture/imports': 'error' },
};
