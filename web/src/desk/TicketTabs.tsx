import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { type KeyboardEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Draft, drop, open, restore, show, unfinished } from "../drafts/model";
import { type DraftStore, useDrafts } from "../drafts/store";
import { useFiling } from "../drafts/useFiling";
import { phone, ticketCode } from "../lib/format";
import { newId } from "../lib/id";
import { serverNow } from "../lib/now";
import { useLive } from "../live/store";
import { Empty, Notice } from "../ui/bits";
import { PlusIcon } from "../ui/icons";
import css from "./Desk.module.css";
import { Filed } from "./Filed";
import { TicketForm } from "./TicketForm";
import { useDraftOfPop } from "./useDraftOfPop";

const UNDO_MS = 10_000;

interface Props {
  store: DraftStore;
  onTicket: (code: string) => void;
}

/** The tickets being written, one tab each. A new call adds a tab; it comes to the front only if nobody is writing. */
export function TicketTabs({ store, onTicket }: Props) {
  const { t } = useTranslation();
  const drafts = useDrafts(store);
  const filing = useFiling(store);
  const current = useLive((live) => live.picture?.pop?.linkedid ?? null);
  const [dropped, setDropped] = useState<Draft | null>(null);
  useDraftOfPop(store);
  useEffect(() => {
    if (!dropped) return;
    const timer = setTimeout(() => setDropped(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [dropped]);

  const active = drafts.all.find((draft) => draft.id === drafts.active);
  const ofCall = drafts.all.find((draft) => draft.linkedid !== null && draft.linkedid === current);
  const who = (draft: Draft) =>
    draft.number ? phone(draft.number) : t(draft.linkedid ? "withheld" : "draft.noCall");
  const toFront = (id: string) => store.update((all) => show(all, id));
  const discard = (draft: Draft) => {
    store.update((all) => drop(all, draft.id));
    if (unfinished(draft)) setDropped(draft);
  };
  return (
    <section className={`card ${css.tickets}`} aria-label={t("draft.tabs")}>
      <div className={css.tabs}>
        <Tabs drafts={drafts.all} active={drafts.active} current={current} who={who} onShow={toFront} />
        <span className={css.kept}>
          {active?.touched && !active.code && store.keeps() ? t("draft.kept") : ""}
        </span>
        <Tooltip label={t("draft.new")} openDelay={300}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("draft.new")}
            onClick={() =>
              store.update((all) => open(all, { linkedid: null, number: "", phone: "" }, serverNow(), newId))
            }
          >
            <PlusIcon size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      {(dropped || !store.keeps() || (active && ofCall && active.id !== ofCall.id)) && (
        <div className={css.notices}>
          {!store.keeps() && <Notice tone="bad">{t("draft.notSaved")}</Notice>}
          {active && ofCall && active.id !== ofCall.id && (
            <Notice tone="warn">
              {t("draft.ofOther", { who: who(active) })}{" "}
              <Button size="compact-xs" variant="default" onClick={() => toFront(ofCall.id)}>
                {t("draft.toCurrent")}
              </Button>
            </Notice>
          )}
          {dropped && (
            <Notice tone="warn">
              {t("draft.discarded")}{" "}
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => {
                  store.update((all) => restore(all, dropped));
                  setDropped(null);
                }}
              >
                {t("draft.undo")}
              </Button>
            </Notice>
          )}
        </div>
      )}
      {!active && (
        <div style={{ margin: "auto" }}>
          <Empty title={t("draft.noneOpen")} hint={t("draft.noneHint")} />
        </div>
      )}
      {active?.code && (
        <Filed key={active.id} code={active.code} onOpen={onTicket} onDone={() => discard(active)} />
      )}
      {active && !active.code && (
        <TicketForm
          key={active.id}
          draft={active}
          store={store}
          busy={filing.busy.has(active.id)}
          refusal={filing.refusals[active.id]}
          onFile={() => filing.file(active.id)}
          onDiscard={() => discard(active)}
        />
      )}
    </section>
  );
}

interface TabsProps {
  drafts: Draft[];
  active: string | null;
  current: string | null;
  who: (draft: Draft) => string;
  onShow: (id: string) => void;
}

function Tabs({ drafts, active, current, who, onShow }: TabsProps) {
  const { t } = useTranslation();
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = drafts[drafts.findIndex((draft) => draft.id === active) + by];
    if (by === 0 || !next) return;
    onShow(next.id);
    const tabs = event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]");
    tabs[drafts.indexOf(next)]?.focus();
  };
  return (
    <div className={css.tabList} role="tablist" aria-label={t("draft.tabs")} onKeyDown={step}>
      {drafts.length === 0 && <h2 className={`title ${css.tab}`}>{t("draft.heading")}</h2>}
      {drafts.map((draft) => (
        <button
          key={draft.id}
          type="button"
          role="tab"
          className={css.tab}
          aria-selected={draft.id === active}
          tabIndex={draft.id === active ? 0 : -1}
          onClick={() => onShow(draft.id)}
        >
          {draft.linkedid !== null && draft.linkedid === current && (
            <span className={css.dot} style={{ color: "var(--talking-fg)" }} aria-hidden="true" />
          )}
          <span className="cut tabular">{draft.code ? ticketCode(draft.code) : who(draft)}</span>
        </button>
      ))}
    </div>
  );
}
