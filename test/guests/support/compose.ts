// Composes two components into one: the inner provides an interface that the outer imports. Works on their text, since
// there is no composer in the dependencies; what neither gives the other is imported and exported by the whole.
import { parse, print } from '@bytecodealliance/jco';

/** `api` names the interface; the other imports must all be the outer's, or all be the inner's. */
export async function compose(outer: Uint8Array, inner: Uint8Array, api: string): Promise<Uint8Array> {
  const [outerText, innerText] = await Promise.all([print(outer), print(inner)]);
  const outerHead = headOf(outerText);
  const others = importsOf(outerHead).filter(({ name }) => name !== api);
  const outerId = importsOf(outerHead).find(({ name }) => name === api)?.id;
  if (!outerId) throw new Error(`The outer component does not import "${api}"`);
  const innerInstance = `${nested('$inner', innerText)}
    (instance $inner-instance (instantiate $inner ${withs(importsOf(headOf(innerText)))}))
    (alias export $inner-instance "${api}" (instance $inner-api))`;
  const provided = others.length === 0 ? '' : outerHead.replace(importLine(api), '');
  return parse(`(component
    ${headOf(innerText)}
    ${innerInstance}
    ${provided}
    ${nested('$outer', outerText)}
    (instance $outer-instance (instantiate $outer (with "${api}" (instance $inner-api)) ${withs(others)}))
    ${exportsOf(outerText)})`);
}

interface Import {
  readonly name: string;
  readonly id: string;
}

/** The types and imports at the start of a printed component. */
function headOf(text: string): string {
  return text.slice(text.indexOf('\n'), text.search(/^ {2}\((core module|component|instance|canon)/m));
}

function importsOf(head: string): Import[] {
  const found = head.matchAll(/^ {2}\(import "([^"]+)" \(instance (\$"[^"]+"|\S+)/gm);
  return [...found].map(([, name = '', id = '']) => ({ name, id }));
}

function importLine(name: string): RegExp {
  return new RegExp(`^ {2}\\(import "${name.replace(/[.*+?^$()|[\]\\]/g, '\\$&')}".*$`, 'm');
}

function withs(imports: readonly Import[]): string {
  return imports.map(({ name, id }) => `(with "${name}" (instance ${id}))`).join(' ');
}

function nested(id: string, text: string): string {
  return text.replace(/^\(component( \$\S+)?/, `(component ${id}`);
}

function exportsOf(text: string): string {
  const found = text.matchAll(
    /^ {2}\(export (?:\$(?:"[^"]+"|\S+) )?(?:\(@name "[^"]+"\) )?(?:\(;\d+;\) )?"([^"]+)" \((instance|func)/gm,
  );
  return [...found]
    .map(
      ([, name, sort], index) =>
        `(alias export $outer-instance "${name}" (${sort} $export-${index})) (export "${name}" (${sort} $export-${index}))`,
    )
    .join('\n');
}
