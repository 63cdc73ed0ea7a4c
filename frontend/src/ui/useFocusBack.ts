import { useEffect, useState } from "react";

/** The keyboard goes back to where it was before the dialog that calls this was opened. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement) before.focus();
    },
    [before],
  );
}
