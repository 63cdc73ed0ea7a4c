/** What happens on chain, as it happens: Socket.IO says that something changed, and what the page shows is asked anew. */

import { useEffect, useSyncExternalStore } from "react";
import type { Socket } from "socket.io-client";
import type { FeedItem } from "./schema";
import { queries } from "./query";

export interface Link {
  connected: boolean;
  /** When something was last heard, milliseconds; 0 before. */
  heardAt: number;
}

let link: Link = { connected: false, heardAt: 0 };
let socket: Socket | undefined;
const watchers = new Set<() => void>();
const listeners = new Set<(item: FeedItem) => void>();
const rooms = new Map<string, number>();

function set(next: Partial<Link>) {
  link = { ...link, ...next };
  for (const watch of watchers) watch();
}

/** Opens the connection once; the library is loaded after the first picture. */
export async function connect(): Promise<void> {
  const { io } = await import("socket.io-client");
  socket = io({ transports: ["websocket"] });
  socket.on("connect", () => {
    set({ connected: true, heardAt: Date.now() });
    socket?.emit("subscribe", { rooms: ["all", ...rooms.keys()] });
    // Whatever was missed meanwhile.
    void queries.invalidateQueries();
  });
  socket.on("disconnect", () => set({ connected: false }));
  socket.on("event", (item: FeedItem) => {
    set({ heardAt: Date.now() });
    for (const listen of listeners) listen(item);
    refresh();
  });
}

/** After signing in or out another cookie counts. */
export function reconnect(): void {
  socket?.disconnect().connect();
}

let refreshing: ReturnType<typeof setTimeout> | undefined;
const GATHER_MS = 250;

/** A block brings many events; one question answers them all. */
function refresh() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => void queries.invalidateQueries({ refetchType: "active" }), GATHER_MS);
}

export function useLink(): Link {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => link,
  );
}

/** Hear the events of a room while shown; `all` is always heard. */
export function useEvents(listen: (item: FeedItem) => void, room?: string): void {
  useEffect(() => {
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, [listen]);
  useEffect(() => {
    if (!room) return;
    rooms.set(room, (rooms.get(room) ?? 0) + 1);
    socket?.emit("subscribe", { rooms: [room] });
    return () => {
      const left = (rooms.get(room) ?? 1) - 1;
      if (left) rooms.set(room, left);
      else {
        rooms.delete(room);
        socket?.emit("unsubscribe", { rooms: [room] });
      }
    };
  }, [room]);
}
