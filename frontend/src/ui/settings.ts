/** What a user chose for this browser. */

import { useSyncExternalStore } from "react";
import type { Scale } from "./format";

const KEPT = "heqi.scale";
let scale: Scale = localStorage.getItem(KEPT) === "short" ? "short" : "plain";
const watchers = new Set<() => void>();

export function useScale(): Scale {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => scale,
  );
}

export function chooseScale(next: Scale): void {
  scale = next;
  localStorage.setItem(KEPT, next);
  for (const watch of watchers) watch();
}
