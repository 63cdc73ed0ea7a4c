/** Both languages; what nobody asked for yet is not loaded. */

import i18next, { type BackendModule } from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type { zh } from "./zh";

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof zh;
  }
}

// By part of the dApp and language, each loaded with the first page that speaks it.
const FILES = import.meta.glob<Record<string, object>>("./{zh,en}/*.ts");
const FIRST = ["common", "next"] as const;
const KEPT = "heqi.language";

const backend: BackendModule = {
  type: "backend",
  init: () => {},
  read: async (language, namespace) => (await FILES[`./${language}/${namespace}.ts`]!())[namespace],
};

export async function start(): Promise<void> {
  const language = preferred();
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({ lng: language, fallbackLng: false, ns: FIRST, defaultNS: "common", interpolation: { escapeValue: false } });
  document.documentElement.lang = tagOf(language);
}

export async function speak(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = tagOf(language);
}

/** The language that is spoken now. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "en" ? "en" : "zh";
}

/** A text that comes in both languages, as those of the API and of the contracts' errors do. */
export function useInLanguage(): (texts: { zh: string; en: string }) => string {
  const language = useLanguage();
  return (texts) => texts[language];
}

function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function tagOf(language: Language): string {
  return language === "zh" ? "zh-CN" : "en";
}
