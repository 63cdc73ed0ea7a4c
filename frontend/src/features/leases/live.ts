/** Staying with what happens to a machine or a lease while its page is open. */

import { useQuery } from "@tanstack/react-query";
import { type Parameters, get } from "../../api/client";
import { useEvents } from "../../api/live";
import { type ListPath, type Options, usePages } from "../../api/pages";
import type { GetRoutes } from "../../api/schema";
import { useSession } from "../../api/session";

const LOOK_AGAIN_MS = 15_000;
const nothing = () => {};

/** Hear a room: whatever comes, what the page shows is asked anew. */
export function useRoom(room: string | undefined): void {
  useEvents(nothing, room);
}

/** As `useApi`, for what only signed-in people see, and what changes without an event on chain. */
export function usePrivate<Path extends keyof GetRoutes>(path: Path, parameters: Parameters, enabled = true) {
  const session = useSession();
  return useQuery({
    queryKey: ["api", path, parameters],
    queryFn: () => get(path, parameters),
    refetchInterval: LOOK_AGAIN_MS,
    enabled: enabled && !!session.data,
  });
}

/** The same of a list. */
export function usePrivatePages<Path extends ListPath>(
  path: Path,
  parameters: Parameters = {},
  options: Pick<Options, "whole"> = {},
) {
  const session = useSession();
  return usePages(path, parameters, { ...options, enabled: !!session.data, refetchInterval: LOOK_AGAIN_MS });
}
