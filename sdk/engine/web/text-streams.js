// TextEncoderStream and TextDecoderStream of https://encoding.spec.whatwg.org/.
export class TextEncoderStream {
  #streams;

  constructor() {
    const encoder = new TextEncoder();
    // A pair of code units may come in two pieces.
    let lead = '';
    this.#streams = new TransformStream({
      transform(chunk, controller) {
        const text = lead + String(chunk);
        lead = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
        const whole = text.slice(0, text.length - lead.length);
        if (whole !== '') controller.enqueue(encoder.encode(whole));
      },
      flush(controller) {
        if (lead !== '') controller.enqueue(encoder.encode(lead));
      },
    });
  }

  get encoding() {
    return 'utf-8';
  }

  get readable() {
    return this.#streams.readable;
  }

  get writable() {
    return this.#streams.writable;
  }

  get [Symbol.toStringTag]() {
    return 'TextEncoderStream';
  }
}

export class TextDecoderStream {
  #streams;
  #decoder;

  constructor(label, options) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#streams = new TransformStream({
      transform(chunk, controller) {
        const text = decoder.decode(chunk, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }

  get readable() {
    return this.#streams.readable;
  }

  get writable() {
    return this.#streams.writable;
  }

  get [Symbol.toStringTag]() {
    return 'TextDecoderStream';
  }
}
