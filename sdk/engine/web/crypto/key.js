// CryptoKey of https://w3c.github.io/webcrypto/#cryptokey-interface. What a key is made of is not among its properties.
const construct = Symbol('construct');
const materials = new WeakMap();

export class CryptoKey {
  #type;
  #extractable;
  #algorithm;
  #usages;

  constructor(key, { type, extractable, algorithm, usages } = {}) {
    if (key !== construct) throw new TypeError('Illegal constructor');
    this.#type = type;
    this.#extractable = extractable;
    this.#algorithm = algorithm;
    this.#usages = usages;
  }

  get type() {
    return this.#type;
  }

  get extractable() {
    return this.#extractable;
  }

  get algorithm() {
    return this.#algorithm;
  }

  get usages() {
    return this.#usages;
  }

  get [Symbol.toStringTag]() {
    return 'CryptoKey';
  }
}

/** `material` is what the key's algorithm makes of it: bytes, or integers. */
export function makeKey({ type, algorithm, material }, extractable, usages) {
  const key = new CryptoKey(construct, { type, extractable, algorithm, usages });
  materials.set(key, material);
  return key;
}

export function materialOf(key) {
  return materials.get(key);
}
