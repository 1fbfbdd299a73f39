// Several who want to be told of the same.

type Listener<Told> = (told: Told) => void;

/** Tells both, where there are two. */
export function both<Told>(
  one: Listener<Told> | undefined,
  other: Listener<Told> | undefined,
): Listener<Told> | undefined {
  if (!one || !other) return one ?? other;
  return (told) => {
    one(told);
    other(told);
  };
}
