// The error for a text that is no template of Liquid.

/** A text that is no Liquid template: Spin then takes the file as it is. */
export class LiquidSyntaxError extends Error {
  override readonly name = 'LiquidSyntaxError';
}
