// What interpreters do most: a tight loop, JSON to and fro, objects, closures, a regular expression, a map.
// run(size) does it all once for each unit of `size` and answers a checksum.

function tree(depth) {
  return depth === 0
    ? { value: 1, left: null, right: null }
    : { value: depth, left: tree(depth - 1), right: tree(depth - 1) };
}

function sum(node) {
  return node === null ? 0 : node.value + sum(node.left) + sum(node.right);
}

function once() {
  let total = 0;
  for (let i = 0; i < 20_000; i++) total = (total * 31 + i) | 0;
  const people = [];
  for (let i = 0; i < 300; i++) people.push({ id: i, name: `person ${i}`, tags: ['a', 'b', 'c'], score: i * 1.5 });
  const copies = JSON.parse(JSON.stringify(people));
  total += copies.length + copies[10].tags.length + sum(tree(8));
  const names = people.map(({ name }) => name.toUpperCase()).filter((name) => /9$/.test(name));
  total += names.join(',').length;
  const counts = new Map();
  for (let i = 0; i < 1000; i++) counts.set(`k${i % 100}`, (counts.get(`k${i % 100}`) ?? 0) + i);
  return (total + counts.size) | 0;
}

export function run(size) {
  let checksum = 0;
  for (let i = 0; i < size; i++) checksum = (checksum * 31 + once()) | 0;
  return checksum >>> 0;
}
