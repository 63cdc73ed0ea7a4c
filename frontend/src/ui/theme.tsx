/** Colours and measures. Contrast of every text is at least 4.5 to 1 in both themes. */

import { ConfigProvider, theme } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { type PropsWithChildren, createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import { useLanguage } from "../text";

export const APPEARANCES = ["system", "light", "dark"] as const;
export type Appearance = (typeof APPEARANCES)[number];

const KEPT = "heqi.appearance";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

// What keeps the page from scrolling behind a dialog makes its style elements without the nonce that it was given.
const create: (name: string, options?: ElementCreationOptions) => HTMLElement = document.createElement.bind(document);
document.createElement = (name: string, options?: ElementCreationOptions) => {
  const made = create(name, options);
  if (made instanceof HTMLStyleElement) made.nonce = nonce;
  return made;
};

interface Choice {
  appearance: Appearance;
  choose: (next: Appearance) => void;
  dark: boolean;
}

const Chosen = createContext<Choice>({ appearance: "system", choose: () => {}, dark: false });

/** The appearance that was chosen, and whether that is dark now. */
export const useAppearance = () => use(Chosen);

const LIGHT = {
  colorPrimary: "#0a4fb4",
  colorLink: "#0a4fb4",
  colorSuccess: "#14703a",
  colorWarning: "#8a5200",
  colorError: "#b3261e",
  colorText: "#14181f",
  colorTextSecondary: "#4a5261",
  colorTextTertiary: "#586070",
  colorTextQuaternary: "#5f6776",
  colorTextPlaceholder: "#646c7a",
  colorTextDescription: "#4a5261",
  colorTextDisabled: "#646c7a",
  colorBgLayout: "#f4f6f9",
  colorSuccessBg: "#e8f5ec",
  colorSuccessBorder: "#8fc3a3",
  colorWarningBg: "#fdf3e1",
  colorErrorBg: "#fdecea",
  colorInfoBg: "#e8f0fc",
};

const DARK = {
  colorPrimary: "#7db0ff",
  colorLink: "#8cbaff",
  colorSuccess: "#6fd08f",
  colorWarning: "#f0b45a",
  colorError: "#ff8f86",
  colorText: "#e9edf4",
  colorTextSecondary: "#b7c0cf",
  colorTextTertiary: "#a9b3c4",
  colorTextQuaternary: "#a3adbd",
  colorTextPlaceholder: "#a3adbd",
  colorTextDescription: "#b7c0cf",
  colorTextDisabled: "#a3adbd",
  colorTextLightSolid: "#0d1117",
  colorBgLayout: "#0d1117",
  colorBgContainer: "#161b22",
  colorBgElevated: "#1c232d",
};

export function Themed({ children }: PropsWithChildren) {
  const [appearance, setAppearance] = useState<Appearance>(kept);
  const system = useSyncExternalStore(onSystemChange, () => systemDark.matches);
  const dark = appearance === "dark" || (appearance === "system" && system);
  useEffect(() => void (document.documentElement.dataset["theme"] = dark ? "dark" : "light"), [dark]);
  const choose = (next: Appearance) => {
    localStorage.setItem(KEPT, next);
    setAppearance(next);
  };
  return (
    <Chosen value={{ appearance, choose, dark }}>
      <ConfigProvider
        csp={{ nonce }}
        locale={useLanguage() === "zh" ? zhCN : enUS}
        button={{ autoInsertSpace: false }}
        theme={{
          algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
          token: { ...(dark ? DARK : LIGHT), borderRadius: 6, fontFamily: FONTS, fontSize: 15 },
        }}
      >
        {children}
      </ConfigProvider>
    </Chosen>
  );
}

const FONTS = 'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

function kept(): Appearance {
  const found = localStorage.getItem(KEPT);
  return APPEARANCES.find((one) => one === found) ?? "system";
}

function onSystemChange(changed: () => void) {
  systemDark.addEventListener("change", changed);
  return () => systemDark.removeEventListener("change", changed);
}
