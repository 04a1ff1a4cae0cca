import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Lang } from "../lib/format";
import { en } from "./en";
import { vi } from "./vi";

const KEPT = "hotline.language";

function kept(): Lang {
  try {
    return localStorage.getItem(KEPT) === "en" ? "en" : "vi";
  } catch {
    return "vi";
  }
}

void i18next.use(initReactI18next).init({
  lng: kept(),
  fallbackLng: "vi",
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
  returnNull: false,
});
document.documentElement.lang = i18next.language;

export function currentLang(): Lang {
  return i18next.language === "en" ? "en" : "vi";
}

export function setLang(lang: Lang): void {
  void i18next.changeLanguage(lang);
  document.documentElement.lang = lang;
  try {
    localStorage.setItem(KEPT, lang);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof vi };
  }
}
