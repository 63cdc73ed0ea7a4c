import { FiguresDiffer } from "../../chain/failures";

/** Nothing is signed when hashes differ. */
export function requireHash(what: string, said: string, found: string): void {
  if (said.toLowerCase() !== found.toLowerCase()) throw new FiguresDiffer(what, said, found);
}
