// What a program learns of where it runs: navigator of https://html.spec.whatwg.org/#the-navigator-object.
export class Navigator {
  get userAgent() {
    return 'Mayfly';
  }

  get hardwareConcurrency() {
    return 1;
  }

  get language() {
    return 'en-US';
  }

  get languages() {
    return ['en-US'];
  }

  get onLine() {
    return true;
  }

  get [Symbol.toStringTag]() {
    return 'Navigator';
  }
}
