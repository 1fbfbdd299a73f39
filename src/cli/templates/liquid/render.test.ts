// Templates are rendered as Liquid and Spin have it; what is no template stays as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderLiquid } from './render.ts';

const values = { 'project-name': 'my_App', description: 'Says "hi"', empty: '', list: 'a,b,c', router: 'hono' };
const render = (text: string, more = {}): string => renderLiquid(text, { values, ...more });

test('values, and the filters of Spin', () => {
  const cases: [text: string, expected: string][] = [
    ['a {{project-name}} b', 'a my_App b'],
    ['{{ project-name | kebab_case }}', 'my-app'],
    ['{{project-name|snake_case}}', 'my_app'],
    ['{{project-name | pascal_case}}', 'MyApp'],
    ['{{ "HTTPServer2Go x" | kebab_case }}', 'http-server2-go-x'],
    ['{{ "fermyon.pet_store" | dotted_pascal_case }}', 'Fermyon.PetStore'],
    ['{{ "/a" | http_wildcard }} {{ "/a/" | http_wildcard }} {{ "/..." | http_wildcard }}', '/a/... /a/... /...'],
    ['{{ empty | default: "x" }}{{ "ab" | upcase | append: "-c" | replace: "B", "$&" }}', 'xA$&-c'],
    ['{{ list | split: "," | join: "+" }} {{ list | split: "," | last }} {{ list | size }}', 'a+b+c c 5'],
    ['{{ "abcdef" | slice: -3, 2 }}{{ "abc" | slice: 1 }}{{ "abc" | slice: -2, 5 }}', 'debbc'],
  ];
  for (const [text, expected] of cases) assert.equal(render(text), expected, text);
});

test('tags', () => {
  const cases: [text: string, expected: string][] = [
    ['{% if router == "hono" %}h{% elsif router == "itty" %}i{% else %}n{% endif %}', 'h'],
    ['{% if missing %}m{% else %}n{% endif %}{% unless empty == "" %}u{% endunless %}', 'n'],
    ['{% if router contains "on" and empty == "" or false %}y{% endif %}', 'y'],
    ['{% case router %}{% when "itty", "hono" %}one{% else %}none{% endcase %}', 'one'],
    ['{% case router %}\n{% when "x" %}x{% else %}none{% endcase %}', 'none'],
    ['{% assign parts = list | split: "," %}{% for part in parts %}[{{ part }}]{% endfor %}', '[a][b][c]'],
    ['{% capture both %}{{ router }}-{{ router }}{% endcapture %}{{ both }}', 'hono-hono'],
    ['{% raw %}{{ secret }}{% if %}{% endraw %}{% comment %}{{ nothing }}{% endcomment %}', '{{ secret }}{% if %}'],
    ['a  {{- router -}}  b {%- if true -%} c {%- endif %} d', 'ahonobc d'],
  ];
  for (const [text, expected] of cases) assert.equal(render(text), expected, text);
});

test('partials have their own values only, and end', () => {
  const partials = new Map([
    ['p1', 'Hello'],
    ['p2.liquid', '{{ value }}'],
    ['loop', '{% render "loop" %}'],
    ['leaky', '{{ router }}'],
  ]);
  assert.equal(render("{% render 'p1' %} {% render 'p2', value: router %}", { partials }), 'Hello hono');
  for (const name of ['loop', 'leaky', 'none']) {
    assert.throws(() => render(`{% render '${name}' %}`, { partials }), { code: 'template-invalid' }, name);
  }
});

test('what is no template stays as it is, and what is a wrong one is told', () => {
  for (const text of ['a {{ b', '{% nothing %}', '{% if x %}', '{{ a b }}', '{{}}', '{% endif %}']) {
    assert.equal(render(text), text);
  }
  assert.throws(() => render('{{ missing }}'), { code: 'template-invalid', message: /"missing", which has no value/ });
  assert.throws(() => render('{{ router | shout }}'), { code: 'template-invalid', message: /the filter "shout"/ });
  assert.throws(() => render('{{ constructor }}'), { code: 'template-invalid' });
  assert.throws(() => render('{{ router | constructor }}'), { code: 'template-invalid' });
});

test('values are written as the file needs them', () => {
  const asJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  assert.equal(render('"{{ description }}"', { escape: asJson }), '"Says \\"hi\\""');
});
