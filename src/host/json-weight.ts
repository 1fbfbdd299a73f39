// How much JSON of a server takes on the heap when it is read: three bytes of its text can make an array. It is counted for a
// guest before the JSON is read.

/** Of an array or an object, and of an element in it. */
const BYTES_PER_GROUP = 256;
const BYTES_PER_ELEMENT = 16;

/** In bytes, without those of the text itself. */
export function jsonWeight(json: Buffer): number {
  const [quote, backslash, comma, bracket, brace] = Buffer.from('"\\,[{');
  let weight = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) isInText = !isInText;
    else if (isInText) at += byte === backslash ? 1 : 0;
    else if (byte === comma) weight += BYTES_PER_ELEMENT;
    else if (byte === bracket || byte === brace) weight += BYTES_PER_GROUP;
  }
  return weight;
}
