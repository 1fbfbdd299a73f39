// What the program's text is called in stacks: the engine has one name for whatever it evaluates.
const EVALUATED = '<input>';
let name = EVALUATED;

export function nameProgram(given) {
  name = given;
}

/** A text of the engine's with the program's name in it. */
export const named = (text) => text.replaceAll(EVALUATED, name);
