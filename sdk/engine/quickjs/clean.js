// Overwrites memory that was freed. The engine component is what memory holds when it was built, and what the parser left
// there is a fifth of it; zeros are not in the file.

/** How many pieces of how many bytes: as many as there are gaps of their sizes, so that memory does not grow for it. */
const PIECES = [
  [100, 4096],
  [1000, 512],
];

export function cleanFreedMemory() {
  const held = [];
  for (const [count, size] of PIECES) for (let index = 0; index < count; index++) held.push(new ArrayBuffer(size));
}
