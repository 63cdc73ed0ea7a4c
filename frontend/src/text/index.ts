/** Both languages; the other one is loaded when somebody asks for it. */

import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { initReactI18next } from "react-i18next";
import type { zh } from "./zh";

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof zh;
  }
}

const LOADERS = { zh: () => import("./zh").then(({ zh }) => zh), en: () => import("./en").then(({ en }) => en) };
const KEPT = "heqi.language";

export async function start(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: "common",
    resources: { [language]: await LOADERS[language]() },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = tagOf(language);
}

export async function speak(language: Language): Promise<void> {
  for (const [namespace, texts] of Object.entries(await LOADERS[language]()))
    i18next.addResourceBundle(language, namespace, texts, true, true);
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
