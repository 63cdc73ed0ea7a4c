/** What is around every page: name, navigation, wallet, and what the user must know now. */

import { Link, Outlet } from "@tanstack/react-router";
import { Alert, Button, Skeleton } from "antd";
import { Suspense, lazy } from "react";
import { useTranslation } from "react-i18next";
import { useSwitchChain } from "wagmi";
import { useLink } from "../api/live";
import { useApi } from "../api/query";
import { deployment } from "../chain/deployment";
import { useWallet } from "../chain/reader";
import { useFollowing } from "../chain/transactions";
import { speak, useLanguage } from "../text";
import { Actions } from "./Actions";
import { Choice } from "./Choice";
import { ConnectButton } from "./Connect";
import { chooseScale, useScale } from "./settings";
import { APPEARANCES, useAppearance } from "./theme";

const SECTIONS = [
  ["/", "home"],
  ["/receivables", "receivables"],
  ["/credit", "credit"],
  ["/leases", "leases"],
  ["/bank", "bank"],
  ["/audit", "audit"],
  ["/explorer", "explorer"],
  ["/account", "account"],
  ["/help", "help"],
] as const;

const DemoBar = __DEMO__ ? lazy(() => import("../demo/DemoBar")) : undefined;

export function Shell() {
  const { t } = useTranslation();
  useFollowing();
  return (
    <Actions>
      <div className="shell">
        <a className="skip" href="#main">
          {t("nav.skip")}
        </a>
        <header className="bar">
          <Link className="brand" to={"/" as string}>
            <img src="/icon.svg" alt="" width={28} height={28} />
            {t("name")}
          </Link>
          <Navigation />
          <Tools />
        </header>
        <Banners />
        <main className="main" id="main" tabIndex={-1}>
          <Suspense fallback={<Skeleton active title={false} />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </Actions>
  );
}

function Navigation() {
  const { t } = useTranslation();
  return (
    <nav className="nav" aria-label={t("nav.main")}>
      {SECTIONS.map(([path, name]) => (
        <Link key={path} to={path as string} activeOptions={{ exact: path === "/" }}>
          {t(`nav.${name}`)}
        </Link>
      ))}
    </nav>
  );
}

function Tools() {
  const { t } = useTranslation();
  const language = useLanguage();
  const scale = useScale();
  const { appearance, choose } = useAppearance();
  return (
    <div className="tools">
      <LiveMark />
      <Button onClick={() => void speak(language === "zh" ? "en" : "zh")} lang={language === "zh" ? "en" : "zh-CN"}>
        {t("language")}
      </Button>
      <Button aria-pressed={scale === "short"} onClick={() => chooseScale(scale === "short" ? "plain" : "short")}>
        {t("unit.toggle")}
      </Button>
      <Choice
        label={t("theme.label")}
        value={appearance}
        choose={choose}
        of={APPEARANCES.map((one) => [one, t(`theme.${one}`)] as const)}
      />
      <ConnectButton />
    </div>
  );
}

/** Says whether figures are fresh; a lost connection is never silent. */
function LiveMark() {
  const { t } = useTranslation();
  const { connected } = useLink();
  return (
    <span role="status" className={connected ? "muted" : undefined}>
      {connected ? `● ${t("live.on")}` : `○ ${t("live.off")}`}
    </span>
  );
}

function Banners() {
  const { t } = useTranslation();
  const { standing } = useWallet();
  const { mutate: switchChain } = useSwitchChain();
  const status = useApi("/v1/status");
  return (
    <div className="banners">
      {DemoBar && (
        <Suspense>
          <DemoBar />
        </Suspense>
      )}
      {standing === "wrong" && (
        <Alert
          banner
          type="warning"
          title={t("wallet.wrongChain", { chain: deployment.chainId })}
          action={<Button onClick={() => switchChain({ chainId: deployment.chainId })}>{t("wallet.switch")}</Button>}
        />
      )}
      {standing === "restarted" && <Alert banner type="error" title={t("wallet.restarted")} />}
      {status.error && <Alert banner type="error" title={t("live.down")} />}
      {status.data && status.data.lag > 5 && (
        <Alert banner type="warning" title={t("live.behind", { blocks: status.data.lag })} />
      )}
    </div>
  );
}
