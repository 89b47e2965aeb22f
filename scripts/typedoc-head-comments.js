/**
 * For `npm run docs`: a class without a comment of its own is documented by the head of its file, which says what it does, after which
 * paper and which file of Optuna, and where it differs.
 */
import { Comment, Converter, ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.comment || !reflection.kindOf(ReflectionKind.Class)) return;
    const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
    const head = headOf(declaration?.getSourceFile().text ?? '');
    if (head !== '') reflection.comment = new Comment([{ kind: 'text', text: head }]);
  });
}

/** @param {string} source */
function headOf(source) {
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(source) ?? [];
  return comment.replaceAll(/^\s*\* ?/gm, '').trim();
}
