// Makes keys of RSA: primes by sieve and Miller-Rabin (FIPS 186-5, appendices A.1.3 and B.3). A key of 2048 bits takes the
// better part of a second; it pauses, so that others have their turn.
import { fault, toInteger } from './bytes.js';
import { power } from './rsa-keys.js';

const SMALL = [];
for (let number = 3; number < 2000; number += 2) {
  if (SMALL.every((prime) => number % prime !== 0)) SMALL.push(number);
}
/** For primes of 512 bits and more these leave an error of 2^-100. */
const ROUNDS = 8;
/** Candidates that are tried between pauses. */
const TRIED = 16;
/** How far from a random number a prime is looked for, before another one is taken. */
const RANGE = 20_000;

const pause = () => new Promise((go) => setTimeout(go, 0));

function isProbablePrime(number, bits, randomBytes) {
  const less = number - 1n;
  let odd = less;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos++;
  }
  for (let round = 0; round < ROUNDS; round++) {
    // 2 rules out nearly all; the others are not to be foreseen.
    const base = round === 0 ? 2n : (toInteger(randomBytes(bits / 8)) % (number - 3n)) + 2n;
    let value = power(base, odd, number);
    if (value === 1n || value === less) continue;
    let isWitness = true;
    for (let count = 1; count < twos && isWitness; count++) {
      value = (value * value) % number;
      if (value === less) isWitness = false;
    }
    if (isWitness) return false;
  }
  return true;
}

async function makePrime(bits, exponent, randomBytes) {
  for (let tried = 0; ; ) {
    const bytes = randomBytes(bits / 8);
    // With both highest bits the product of two has all of its bits.
    bytes[0] |= 0xc0;
    bytes[bytes.length - 1] |= 1;
    const start = toInteger(bytes);
    const rests = SMALL.map((prime) => Number(start % BigInt(prime)));
    for (let step = 0; step < RANGE; step += 2) {
      if (rests.some((rest, index) => (rest + step) % SMALL[index] === 0)) continue;
      if (tried++ % TRIED === 0) await pause();
      const number = start + BigInt(step);
      if (number >> BigInt(bits) !== 0n) break;
      if (gcd(number - 1n, exponent) === 1n && isProbablePrime(number, bits, randomBytes)) return number;
    }
  }
}

function gcd(one, other) {
  let [a, b] = [one, other];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function inverse(value, modulus) {
  let [r, next, s, nextS] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [s, nextS] = [nextS, s - quotient * nextS];
  }
  return s < 0n ? s + modulus : s;
}

/** The parts of a new key. Throws an OperationError for other lengths and exponents than are made here. */
export async function generateRsa({ modulusLength, publicExponent }, randomBytes) {
  const e = toInteger(publicExponent);
  if (![1024, 2048, 3072].includes(modulusLength) || (e !== 3n && e !== 65_537n))
    throw fault(
      'OperationError',
      'Keys of RSA are made here with 2048 or 3072 bits and the exponent 65537: import others, as "openssl genpkey" makes them',
    );
  const bits = modulusLength / 2;
  const one = await makePrime(bits, e, randomBytes);
  let other = await makePrime(bits, e, randomBytes);
  while (one === other) other = await makePrime(bits, e, randomBytes);
  const [p, q] = one > other ? [one, other] : [other, one];
  const d = inverse(e, ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n));
  return { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
}
