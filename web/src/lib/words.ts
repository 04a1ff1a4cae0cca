import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { categoriesQuery, queuesQuery } from "../api/queries";
import { currentLang } from "../i18n";

/** Words for a reason of the menus; one that we have no words for is shown as it is. */
export function useReasonWord(): (reason: string) => string {
  const { t, i18n } = useTranslation();
  return (reason) => (i18n.exists(`reason.${reason}`) ? t(`reason.${reason}` as "reason.report") : reason);
}

const NONE: readonly string[] = [];

/** The names of all queues there are, in their order. */
export function useQueueNames(): readonly string[] {
  const queues = useQuery(queuesQuery).data?.items;
  return useMemo(() => queues?.map((queue) => queue.name) ?? NONE, [queues]);
}

export function useQueueName(): (name: string) => string {
  const queues = useQuery(queuesQuery).data?.items ?? [];
  const lang = currentLang();
  return (name) => {
    const queue = queues.find((one) => one.name === name);
    return queue ? (lang === "vi" ? queue.name_vi : queue.name_en) : name;
  };
}

export function useCategories() {
  const lang = currentLang();
  return (useQuery(categoriesQuery).data ?? []).map(({ key, vi, en }) => ({
    key,
    name: lang === "vi" ? vi : en,
  }));
}

export function useCategoryName(): (key: string) => string {
  const { t } = useTranslation();
  const all = useCategories();
  return (key) => all.find((one) => one.key === key)?.name ?? (key || t("tickets.noCategory"));
}

export function useLanguageName(): (language: string) => string {
  const { t } = useTranslation();
  return (language) => (language === "vi" || language === "en" ? t(`language.${language}`) : language);
}
