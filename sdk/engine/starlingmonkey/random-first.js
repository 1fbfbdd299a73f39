// Read before everything else: modules that ask for a random number while they are evaluated would ask the host, which is not
// there yet.
import { mathRandom } from '../host/random.js';

Math.random = mathRandom;
