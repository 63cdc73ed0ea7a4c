/** The dApp's start: language, demo wallet where there is one, the live connection, and the first page. */

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { WagmiProvider } from "wagmi";
import { connect } from "./api/live";
import { queries } from "./api/query";
import { isLocalChain } from "./chain/deployment";
import { config } from "./chain/wagmi";
import { router } from "./routes";
import { start } from "./text";
import { Themed } from "./ui/theme";
import "./ui/style.css";

if (__DEMO__ && isLocalChain) (await import("./demo/wallet")).announce();
await start();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <WagmiProvider config={config}>
      <QueryClientProvider client={queries}>
        <Themed>
          <RouterProvider router={router} />
        </Themed>
      </QueryClientProvider>
    </WagmiProvider>
  </StrictMode>,
);
void connect();
